// One trace through three services over real sockets, as a collector gets it.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "call_fixture.h"
#include "collector.h"
#include "dialtone/otlp/otlp_exporter.h"

namespace dialtone {
namespace {

using google::protobuf::Struct;

struct Sent {
  std::string service;  // of the resource
  std::string trace;
  std::string id;
  std::string parent;
  int kind;
};

const google::protobuf::Value& Field(const Struct& object, const std::string& name) {
  static const google::protobuf::Value none;
  const auto found = object.fields().find(name);
  return found == object.fields().end() ? none : found->second;
}
const Struct& First(const Struct& object, const std::string& name) {
  return Field(object, name).list_value().values(0).struct_value();
}

void Read(const std::string& body, std::vector<Sent>& spans) {
  Struct request;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(body, &request).ok()) << body;
  const Struct& resource_spans = First(request, "resourceSpans");
  const Struct& name = First(Field(resource_spans, "resource").struct_value(), "attributes");
  const std::string service =
      Field(Field(name, "value").struct_value(), "stringValue").string_value();
  for (const auto& value :
       Field(First(resource_spans, "scopeSpans"), "spans").list_value().values()) {
    const Struct& span = value.struct_value();
    spans.push_back({service, Field(span, "traceId").string_value(),
                     Field(span, "spanId").string_value(),
                     Field(span, "parentSpanId").string_value(),
                     static_cast<int>(Field(span, "kind").number_value())});
  }
}

// As a process of its own would be: its runtime, its exporter, a server, and a channel to the next one.
class TracedService {
 public:
  TracedService(const Collector& collector, const std::string& name, const std::string& next)
      : exporter_(MakeExporter(collector, name)) {
    ChannelOptions to_next;
    to_next.runtime = &runtime_;
    to_next.observers.push_back(ClientTracing(exporter_));
    if (!next.empty()) next_ = std::make_unique<Channel>(next, to_next);
    ServerOptions options;
    options.runtime = &runtime_;
    options.observers.push_back(ServerTracing(exporter_));
    server_ = std::make_unique<Server>(options);
    server_->Add(std::make_unique<CoroutineService>(
        [this](ServerCall&, const Text&, Text& reply) { return Handle(reply); }));
    auto bound = server_->Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    target_ = bound->ToString();
    EXPECT_TRUE(server_->Start().ok());
  }
  static std::shared_ptr<OtlpExporter> MakeExporter(const Collector& collector,
                                                    const std::string& name) {
    OtlpOptions options;
    options.endpoint = collector.endpoint();
    options.service_name = name;
    options.batch_delay = absl::Milliseconds(5);
    return std::make_shared<OtlpExporter>(options);
  }
  const std::string& target() const { return target_; }

 private:
  Task<absl::Status> Handle(Text& reply) {
    if (next_ == nullptr) {
      reply.set_value("the end");
      co_return absl::OkStatus();
    }
    absl::StatusOr<Text> answer = co_await StartCoroutine(*next_, "");
    if (answer.ok()) reply.set_value(answer->value());
    co_return answer.status();
  }

  Runtime runtime_{RealServer::TwoReactors()};
  const std::shared_ptr<OtlpExporter> exporter_;
  std::unique_ptr<Channel> next_;
  std::unique_ptr<Server> server_;
  std::string target_;
};

TEST(OtlpTrace, AChainOfThreeServicesHasTheRightParents) {
  Collector collector;
  TracedService back(collector, "back", "");
  TracedService middle(collector, "middle", back.target());
  TracedService front(collector, "front", middle.target());
  ChannelOptions options;
  options.observers.push_back(ClientTracing(TracedService::MakeExporter(collector, "client")));
  Channel channel(front.target(), options);
  const absl::StatusOr<Text> reply = StartCoroutine(channel, "").Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->value(), "the end");

  std::vector<Sent> spans;
  ASSERT_TRUE(Eventually([&] {
    spans.clear();
    for (const std::string& body : collector.bodies()) Read(body, spans);
    return spans.size() >= 6;
  }));
  ASSERT_EQ(spans.size(), 6u);
  // From the root on, each is the only child of the one before.
  constexpr int kServer = 2;
  constexpr int kClient = 3;
  const std::vector<std::pair<std::string, int>> chain = {{"client", kClient}, {"front", kServer},
                                                          {"front", kClient},  {"middle", kServer},
                                                          {"middle", kClient}, {"back", kServer}};
  std::string parent;
  for (const auto& [service, kind] : chain) {
    const Sent* child = nullptr;
    for (const Sent& span : spans) {
      if (span.parent != parent) continue;
      EXPECT_EQ(child, nullptr) << "two children of " << parent;
      child = &span;
    }
    ASSERT_NE(child, nullptr) << service << " has no span below " << parent;
    EXPECT_EQ(child->service, service);
    EXPECT_EQ(child->kind, kind);
    EXPECT_EQ(child->trace, spans[0].trace);
    parent = child->id;
  }
}

}  // namespace
}  // namespace dialtone
