// A trace flows from call to call by itself, with no observer anywhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "call_fixture.h"
#include "dialtone/rpc/on_workers.h"
#include "dialtone/rpc/trace_context.h"
#include "dialtone/rpc/when_all.h"
#include "sim_servers.h"

namespace dialtone::trace_flow_test {
namespace {

constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kState[] = "rojo=1,congo=2";

// "traceparent;tracestate" as a handler sees them in its call's metadata.
std::string Received(const ServerCall& call) {
  return absl::StrCat(ToAbsl(call.metadata().Get("traceparent").value_or("-")), ";",
                      ToAbsl(call.metadata().Get("tracestate").value_or("-")));
}
absl::Status TellReceived(ServerCall& call, const Text&, Text& reply) {
  reply.set_value(Received(call));
  return absl::OkStatus();
}
Task<absl::Status> NotCalled(ServerCall&, const Text&, Text&) { co_return absl::OkStatus(); }

CallOptions WithTrace(const std::string& parent, const std::string& state) {
  CallOptions options;
  options.metadata.AddUnchecked("traceparent", parent);
  options.metadata.AddUnchecked("tracestate", state);
  return options;
}

std::string ValueOf(const absl::StatusOr<Text>& reply) {
  return reply.ok() ? reply->value() : reply.status().ToString();
}

// A server whose coroutine handler is `handler`, and one behind it that tells what it received.
class TraceFlow : public testing::Test {
 protected:
  Channel& behind() { return *behind_.channel; }
  std::string Call(CoroutineHandler handler, const CallOptions& options) {
    SimServer front(process_, std::move(handler));
    return ValueOf(StartCoroutine(*front.channel, "", options).Wait());
  }
  // Calls the server behind, and answers what that received.
  CoroutineHandler Pass() {
    return [this](ServerCall&, const Text&, Text& reply) { return PassOn(reply); };
  }
  Task<absl::Status> PassOn(Text& reply) {
    absl::StatusOr<Text> behind_says = co_await StartPlain(behind(), "");
    reply.set_value(ValueOf(behind_says));
    co_return absl::OkStatus();
  }

  SimProcess process_;
  SimServer behind_{process_, NotCalled, TellReceived};
};

TEST_F(TraceFlow, CallsOfAHandlerCarryTheTraceOfItsOwnCall) {
  EXPECT_EQ(Call(Pass(), WithTrace(kParent, kState)), absl::StrCat(kParent, ";", kState));
}

TEST_F(TraceFlow, WithoutATraceNothingIsSent) {
  EXPECT_EQ(Call(Pass(), CallOptions()), "-;-");
  EXPECT_EQ(Call(Pass(), WithTrace("00-nonsense", kState)), "-;-");
}

TEST_F(TraceFlow, ACallOfItsOwnParentIsLeftAlone) {
  const std::string own = "00-11111111111111111111111111111111-2222222222222222-00";
  const auto handler = [&](ServerCall&, const Text&, Text& reply) -> Task<absl::Status> {
    CallOptions options;
    options.metadata.AddUnchecked("traceparent", own);
    absl::StatusOr<Text> behind_says = co_await StartPlain(behind(), "", options);
    reply.set_value(ValueOf(behind_says));
    co_return absl::OkStatus();
  };
  EXPECT_EQ(Call(handler, WithTrace(kParent, kState)), own + ";-");
}

TEST_F(TraceFlow, PartsOfAHandlerBelongToItsTrace) {
  const auto handler = [&](ServerCall&, const Text&, Text& reply) -> Task<absl::Status> {
    Text other;
    absl::Status both = co_await WhenAll(PassOn(reply), PassOn(other));
    if (!both.ok()) co_return both;
    bool traced = false;
    const auto look = [&traced] { traced = Context::Current().trace() != nullptr; };
    absl::Status looked = co_await OnWorkers(look);
    reply.set_value(absl::StrCat(reply.value(), " ", other.value() == reply.value(), " ",
                                 looked.ok() && traced));
    co_return absl::OkStatus();
  };
  EXPECT_EQ(Call(handler, WithTrace(kParent, kState)), absl::StrCat(kParent, ";", kState, " 1 1"));
}

// The next call of the same method is handled by the same object.
TEST_F(TraceFlow, ATraceIsForgottenWithItsCall) {
  SimServer front(process_, Pass());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ValueOf(StartCoroutine(*front.channel, "", WithTrace(kParent, kState)).Wait()),
              absl::StrCat(kParent, ";", kState));
    EXPECT_EQ(ValueOf(StartCoroutine(*front.channel, "").Wait()), "-;-");
  }
}

TEST_F(TraceFlow, DetachKeepsTheTraceAlone) {
  auto trace = std::make_shared<const TraceContext>(*ParseTraceparent(kParent));
  Context context = Context::Cancellable(Instant() + absl::Seconds(5)).WithTrace(trace);
  const Context detached = context.Detach();
  context.Cancel();
  ASSERT_NE(detached.trace(), nullptr);
  EXPECT_EQ(*detached.trace(), *trace);
  EXPECT_TRUE(detached.deadline().infinite());
  EXPECT_FALSE(detached.cancelled());
  EXPECT_EQ(Context::Cancellable().Detach().trace(), nullptr);
  Context::Scope scope(detached);
  EXPECT_EQ(ValueOf(StartPlain(behind(), "").Wait()), absl::StrCat(kParent, ";-"));
}

TEST_F(TraceFlow, AChildHasItsParentsTraceUnlessItIsGivenAnother) {
  auto trace = std::make_shared<const TraceContext>(*ParseTraceparent(kParent));
  const Context context = Context().WithTrace(trace);
  EXPECT_EQ(context.Child().trace(), trace.get());
  auto other = std::make_shared<const TraceContext>();
  const Context child = context.WithTrace(other);
  EXPECT_EQ(child.trace(), other.get());
  EXPECT_EQ(context.trace(), trace.get());
  EXPECT_EQ(Context().trace(), nullptr);
}

// A client's trace need not come from a server.
class TraceFlowBothWays : public BothWays {};

TEST_P(TraceFlowBothWays, CallsOfAThreadCarryTheTraceOfItsContext) {
  Serve(Hello, TellReceived);
  const auto channel = MakeChannel();
  const Context context =
      Context().WithTrace(std::make_shared<const TraceContext>(*ParseTraceparent(kParent)));
  Context::Scope scope(context);
  EXPECT_EQ(ValueOf(StartPlain(*channel, "").Wait()), absl::StrCat(kParent, ";-"));
}

// The trace is what gives way, its state first.
TEST_P(TraceFlowBothWays, WhereThereIsNoRoomItIsLeftOut) {
  Serve(Hello, TellReceived);
  TraceContext trace = *ParseTraceparent(kParent);
  trace.state = kState;
  const Context context = Context().WithTrace(std::make_shared<const TraceContext>(trace));
  Context::Scope scope(context);
  // A pair takes 3 bytes more than its key and its value over sockets, 8 in process; there the path takes none.
  const size_t full = GetParam() ? Metadata::kDefaultBytesMax - 8 - 1
                                 : Metadata::kDefaultBytesMax - 3 - 1 - (3 + 5 + 17);
  for (const bool connected : {false, true}) {
    for (const size_t room : {0u, 76u, 113u}) {  // for nothing, for the parent, for both
      const auto channel = MakeChannel();
      if (connected) {
        EXPECT_TRUE(StartPlain(*channel, "").Wait().ok());
      }
      CallOptions options;
      options.metadata.AddUnchecked("k", std::string(full - room, 'v'));
      const bool known = connected || GetParam();  // how much the server takes
      EXPECT_EQ(ValueOf(StartPlain(*channel, "", options).Wait()),
                !known || room == 0 ? "-;-"
                                    : absl::StrCat(kParent, room == 113 ? ";rojo=1,congo=2" : ";-"))
          << connected << " " << room;
    }
  }
}

TEST_P(TraceFlowBothWays, BesideAsManyPairsAsThereMayBeItIsLeftOut) {
  Serve(Hello, TellReceived);
  const auto channel = MakeChannel();
  TraceContext trace = *ParseTraceparent(kParent);
  trace.state = kState;
  const Context context = Context().WithTrace(std::make_shared<const TraceContext>(trace));
  Context::Scope scope(context);
  for (const size_t pairs : {250u, 249u, 248u}) {
    CallOptions options;
    for (size_t i = 0; i < pairs; ++i) EXPECT_TRUE(options.metadata.Add("k", "v").ok());
    EXPECT_EQ(
        ValueOf(StartPlain(*channel, "", options).Wait()),
        pairs == 250 ? "-;-" : absl::StrCat(kParent, pairs == 249 ? ";-" : ";rojo=1,congo=2"));
  }
}

// What a caller sends itself is not the framework's to leave out.
TEST_P(TraceFlowBothWays, ACallersOwnStaysAndIsJudgedWithTheRest) {
  Serve(Hello, TellReceived);
  const auto channel = MakeChannel();
  EXPECT_TRUE(StartPlain(*channel, "").Wait().ok());
  CallOptions options = WithTrace(kParent, kState);
  options.metadata.AddUnchecked("k", std::string(Metadata::kDefaultBytesMax - 100, 'v'));
  EXPECT_EQ(StartPlain(*channel, "", options).Wait().status().code(),
            absl::StatusCode::kResourceExhausted);
}
INSTANTIATE_TEST_SUITE_P(Networks, TraceFlowBothWays, testing::Bool(), NetworkName);

}  // namespace
}  // namespace dialtone::trace_flow_test
