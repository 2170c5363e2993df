// The HTTP API knows its routes without the prefix that sets them apart from pages.
function handler(event) {
  var request = event.request;
  request.uri = request.uri.replace(/^\/api/, "") || "/";
  return request;
}
