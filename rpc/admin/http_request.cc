#include "http_request.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {
namespace {

// RFC 9110, 5.6.2.
bool IsTokenCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter);
}

// Takes the first line off; its end is "\r\n", or "\n" as RFC 9112, 2.2 allows. False: there is no whole one.
bool TakeLine(std::string_view& bytes, std::string_view& line) {
  const size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return false;
  line = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

bool IsField(std::string_view line) {
  const size_t colon = line.find(':');
  return colon != std::string_view::npos && IsToken(line.substr(0, colon)) &&
         line.find('\0') == std::string_view::npos;
}

HttpParse ParseRequestLine(std::string_view line, HttpRequest& request) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return HttpParse::kBad;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  const bool is_version_1 = version == "HTTP/1.1" || version == "HTTP/1.0";
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!IsToken(method) || !is_version_1 || !target.starts_with('/') ||
      !std::all_of(target.begin(), target.end(), is_visible))
    return HttpParse::kBad;
  request.head_only = method == "HEAD";
  request.path = std::string(target.substr(0, target.find('?')));
  return request.head_only || method == "GET" ? HttpParse::kRequest : HttpParse::kBadMethod;
}

std::string_view ReasonOf(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

}  // namespace

HttpParse ParseHttpHead(std::string_view bytes, HttpRequest& request) {
  std::string_view line;
  if (!TakeLine(bytes, line)) return HttpParse::kNeedMore;
  const HttpParse result = ParseRequestLine(line, request);
  // What is none is not waited for to end.
  if (result == HttpParse::kBad) return result;
  while (TakeLine(bytes, line)) {
    if (line.empty()) return result;
    if (!IsField(line)) return HttpParse::kBad;
  }
  return HttpParse::kNeedMore;
}

std::string HttpAnswer(int code, std::string_view content_type, std::string_view body,
                       bool head_only) {
  return absl::StrCat(
      "HTTP/1.1 ", code, " ", ToAbsl(ReasonOf(code)), "\r\nContent-Type: ", ToAbsl(content_type),
      "\r\nContent-Length: ", body.size(), code == 405 ? "\r\nAllow: GET, HEAD" : "",
      "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n", head_only ? "" : ToAbsl(body));
}

}  // namespace dialtone::internal
