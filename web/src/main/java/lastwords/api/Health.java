package lastwords.api;

import java.util.List;

/// How `/healthz` and `/readyz` answer.
///
/// @param reasons why it isn't ready; left out when it is
record Health(String status, List<String> reasons) {
  static final Health ALIVE = new Health("alive", List.of());

  static Health of(Status status) {
    return new Health(status.notReady().isEmpty() ? "ready" : "unready", status.notReady());
  }
}
