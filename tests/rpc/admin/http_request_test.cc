// Which bytes are a request of the admin port.
#include "http_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dialtone::internal {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

HttpParse Parse(std::string_view bytes) {
  HttpRequest request;
  return ParseHttpHead(bytes, request);
}

TEST(HttpRequest, IsReadOneByteAtATime) {
  const std::string bytes = "GET /metrics?name=x HTTP/1.1\r\nHost: a:1\r\nAccept: */*\r\n\r\n";
  HttpRequest request;
  for (size_t size = 0; size < bytes.size(); ++size)
    ASSERT_EQ(ParseHttpHead(bytes.substr(0, size), request), HttpParse::kNeedMore) << size;
  ASSERT_EQ(ParseHttpHead(bytes, request), HttpParse::kRequest);
  EXPECT_EQ(request.path, "/metrics");
  EXPECT_FALSE(request.head_only);
}

TEST(HttpRequest, MayBeHeadAndVersion1Point0AndHaveBareLineEnds) {
  HttpRequest request;
  ASSERT_EQ(ParseHttpHead("HEAD /healthz HTTP/1.0\n\n", request), HttpParse::kRequest);
  EXPECT_TRUE(request.head_only);
  EXPECT_EQ(request.path, "/healthz");
}

TEST(HttpRequest, OtherMethodsAreTold) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "get", "BREW"})
    EXPECT_EQ(Parse(std::string(method) + " / HTTP/1.1\r\n\r\n"), HttpParse::kBadMethod) << method;
}

TEST(HttpRequest, WhatIsNoneIsToldWithTheFirstLine) {
  for (const std::string_view line :
       {"", "GET", "GET /", "GET  HTTP/1.1", "GET / HTTP/2.0", "GET / HTTP/1.2", "GET / http/1.1",
        "GET metrics HTTP/1.1", "GET http://a/ HTTP/1.1", "GET / / HTTP/1.1", "GE\tT / HTTP/1.1",
        " GET / HTTP/1.1", "\x16\x03\x01", "PRI * HTTP/2.0", "GET /\x01 HTTP/1.1",
        "GET /\xff HTTP/1.1"}) {
    EXPECT_EQ(Parse(std::string(line) + "\r\n"), HttpParse::kBad) << line;
  }
}

TEST(HttpRequest, FieldsAreNamesAndValues) {
  for (const std::string_view field :
       {"no colon", ": no name", "na me: x", " folded: x", "a\x01: x"})
    EXPECT_EQ(Parse("GET / HTTP/1.1\r\n" + std::string(field) + "\r\n\r\n"), HttpParse::kBad)
        << field;
  EXPECT_EQ(Parse(std::string("GET / HTTP/1.1\r\na: \0\r\n\r\n", 25)), HttpParse::kBad);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\na:\r\nX-b_c!:: :\r\n\r\n"), HttpParse::kRequest);
}

TEST(HttpAnswer, IsWholeAndCloses) {
  const std::string answer = HttpAnswer(200, "text/plain", "body", false);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 4\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nbody"));
}

TEST(HttpAnswer, ToHeadHasNoBodyButItsLength) {
  const std::string answer = HttpAnswer(200, "text/plain", "body", true);
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 4\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(HttpAnswer, OfAWrongMethodNamesTheRightOnes) {
  EXPECT_THAT(HttpAnswer(405, "text/plain", "", false), HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_THAT(HttpAnswer(404, "text/plain", "", false), Not(HasSubstr("Allow")));
}

}  // namespace
}  // namespace dialtone::internal
