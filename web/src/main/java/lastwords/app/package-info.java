/// The program: its commands, its configuration, and the wiring of everything else.
///
/// [lastwords.app.Main] knows the commands. `serve` and `demo` run a server in this process;
/// `analyze`, `replay` and `export` need none; the others ask a running one over HTTP.
@org.jspecify.annotations.NullMarked
package lastwords.app;
