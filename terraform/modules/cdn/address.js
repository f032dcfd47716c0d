// From the address in the browser to the key in the bucket: statistics/ as it is, all else below website/.
function handler(event) {
  var request = event.request;
  if (!request.uri.startsWith("/statistics/")) {
    request.uri = "/website" + (request.uri === "/" ? "/index.html" : request.uri);
  }
  return request;
}
