package lastwords.triage;

import org.jspecify.annotations.Nullable;

/// A hardware name taken apart: `Dell Inc. PowerEdge R650/0PYXKY, BIOS 1.4.4 10/07/2021`.
///
/// @param model vendor and product, without the board's number, of which one product has several
/// @param firmware its version and date; null where there is none
record Machine(String model, @Nullable String firmware) {
  private static final String BIOS = ", BIOS ";

  /// What a name says; null for null.
  static @Nullable Machine of(@Nullable String name) {
    if (name == null) {
      return null;
    }
    int bios = name.lastIndexOf(BIOS);
    String model = bios < 0 ? name : name.substring(0, bios);
    int board = model.lastIndexOf('/');
    String product = board > 0 ? model.substring(0, board) : model;
    return new Machine(
        product.strip(), bios < 0 ? null : name.substring(bios + BIOS.length()).strip());
  }

  /// The machine without its firmware.
  Machine anyFirmware() {
    return new Machine(model, null);
  }

  @Override
  public String toString() {
    return firmware == null ? model : model + BIOS + firmware;
  }
}
