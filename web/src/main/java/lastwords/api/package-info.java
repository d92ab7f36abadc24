/// The HTTP API: one list of routes, from which both the server and its OpenAPI document are made.
///
/// [lastwords.api.Api] starts it. Routes are in `Routes`, a method and a line each; what a route
/// takes is a `Parameter`, which reads, checks and documents one value. [lastwords.api.Status] is
/// what the rest of the program says of itself, for `/stats`, `/metrics` and `/readyz`. With
/// [lastwords.ui] the only package that knows Javalin.
@org.jspecify.annotations.NullMarked
package lastwords.api;
