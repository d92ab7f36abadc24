package lastwords.alert;

import java.util.function.BooleanSupplier;

/// Waits for what another thread will do; says nothing about how fast.
final class Eventually {
  private Eventually() {}

  static void eventually(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 3000; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("never happened");
  }
}
