// A path whose last part has no dot is a page, which the application itself resolves. What is below /assets/ is a
// file: one that is gone must fail, since a page in its place would be run as a script.
function handler(event) {
  var request = event.request;
  var last = request.uri.substring(request.uri.lastIndexOf("/") + 1);
  if (last.indexOf(".") === -1 && request.uri.indexOf("/assets/") !== 0) request.uri = "/index.html";
  return request;
}
