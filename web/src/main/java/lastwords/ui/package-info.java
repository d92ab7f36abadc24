/// The pages people look at, made on the server.
///
/// [lastwords.ui.Pages] is the list of them. All text goes through `Html`, which escapes whatever
/// isn't a template written in this package: what kernels say is anybody's text.
@org.jspecify.annotations.NullMarked
package lastwords.ui;
