package lastwords.api;

import java.net.InetSocketAddress;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Where the API listens and who may ask.
///
/// On a loopback address only requests for an address or `localhost` are answered, so that a web
/// page elsewhere can't reach it by a name of its own (DNS rebinding).
///
/// @param address port 0 picks a free one
/// @param token what every caller must present, except at `/healthz`; null lets everybody in;
///   [Api#useToken] replaces it
/// @param clock what durations such as `since=1h` are counted back from
public record ApiSettings(InetSocketAddress address, @Nullable String token, InstantSource clock) {
  /// @throws IllegalArgumentException when the address is a name nobody knows
  public ApiSettings {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("there is no host '" + address.getHostString() + "'");
    }
  }
}
