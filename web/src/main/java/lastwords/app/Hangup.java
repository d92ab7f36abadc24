package lastwords.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What SIGHUP does; without a handler it ends the process.
///
/// The JDK has no supported way to handle a signal. `sun.misc.Signal` is exported by the module
/// jdk.unsupported for that, and the compiler warns of each use of it by name, so it is used by
/// reflection.
final class Hangup {
  private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

  private static final String OTHERWISE = "changed files are reloaded anyway";

  private Hangup() {}

  /// From now on the signal runs that, on a thread of its own, and does nothing else.
  static void runs(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object calls =
          Proxy.newProxyInstance(
              Hangup.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      action.run();
                      yield null;
                    }
                    case "equals" ->
                        System.identityHashCode(arguments[0]) == System.identityHashCode(proxy);
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "SIGHUP";
                  });
      Object before =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), calls);
      if (handler.getField("SIG_IGN").get(null).equals(before)) {
        LOG.info("SIGHUP was ignored at the start, as nohup has it, and stays so; {}", OTHERWISE);
      }
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      Throwable cause = e instanceof InvocationTargetException wrapped ? wrapped.getCause() : e;
      LOG.warn("SIGHUP can't be handled and would end the process; {}", OTHERWISE, cause);
    }
  }
}
