// A call part that only records what it is told, on both sides of Dialtone/1 connections. For the connection tests.
#pragma once

#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client_connection.h"
#include "connection_calls.h"
#include "dialtone/transport/network.h"
#include "gtest/gtest.h"
#include "served_connections.h"
#include "server_connection.h"

namespace dialtone::dialtone1 {

inline constexpr Method kEcho{"/test.Test/Echo", MethodKind::kUnary};  // answers with its request
inline constexpr Method kHold{"/test.Test/Hold", MethodKind::kUnary};  // waits for the test
inline constexpr Method kStream{"/test.Test/Stream", MethodKind::kBidirectionalStreaming};
inline constexpr Method kNever{"/test.Test/Never", MethodKind::kUnary};  // is not there

// Begins calls, keeps their handlers.
class TestDispatcher final : public CallDispatcher {
 public:
  const ServerMethod* FindMethod(std::string_view path) const override {
    ++lookups;
    if (path == kEcho.path) return Opaque(kEcho);
    if (path == kHold.path) return Opaque(kHold);
    if (path == kStream.path) return Opaque(kStream);
    return nullptr;
  }
  ServerStreamHandler* Begin(Loop& loop, ServerStream& stream, ServerRequestHead&& head) override {
    if (head.method == nullptr) {
      unknown_paths.emplace_back(head.path);
      ServerEnd end;
      end.status = absl::UnimplementedError("no such method");
      stream.Finish(end);
      return nullptr;
    }
    handlers.push_back(std::make_unique<TestHandler>());
    TestHandler& handler = *handlers.back();
    handler.stream = &stream;
    handler.path = reinterpret_cast<const Method*>(head.method)->path;
    handler.metadata = std::move(head.metadata);
    handler.deadline = head.deadline;
    handler.begun = loop.Now();
    handler.on_cancel = on_cancel;
    if (handler.path == kEcho.path) {
      handler.on_half_close = [](TestHandler& h) {
        h.Reply(h.messages.empty() ? "" : h.messages.back());
      };
      if (!on_cancel) {
        handler.on_cancel = [](TestHandler& h) { h.Finish(absl::CancelledError("given up")); };
      }
    }
    if (on_begin) on_begin(handler);
    return handler.finished ? nullptr : &handler;
  }
  bool IsUnary(const ServerMethod& method) const override { return &method == Opaque(kEcho); }
  ServerStreamHandler* BeginWhole(Loop& loop, ServerStream& stream,
                                  const WholeRequest& request) override {
    ServerRequestHead head;
    head.method = &request.method;
    head.deadline = request.deadline;
    head.arrived = request.arrived;
    head.wants_times = request.wants_times;
    if (Begin(loop, stream, std::move(head)) == nullptr) return nullptr;
    TestHandler& handler = last();
    IncomingMessage message;
    message.bytes = request.bytes;
    message.has_room = request.has_room;
    handler.OnMessage(message);
    EXPECT_FALSE(message.kept) << "nobody would be told when it is taken";
    if (!handler.finished) handler.OnHalfClose();
    return &handler;
  }
  ByteBudget* process_bytes() const override { return process; }
  void OnLimit(ServerLimit limit) override { ++reached[limit]; }
  TestHandler& last() { return *handlers.back(); }
  size_t unfinished() const {
    size_t count = 0;
    for (const auto& handler : handlers) count += handler->finished ? 0 : 1;
    return count;
  }

  mutable int lookups = 0;
  std::map<ServerLimit, int> reached;
  ByteBudget* process = nullptr;  // set before connections come
  std::vector<std::unique_ptr<TestHandler>> handlers;
  std::vector<std::string> unknown_paths;
  std::function<void(TestHandler&)> on_begin;
  std::function<void(TestHandler&)> on_cancel;

 private:
  // The connections pass these around and never look inside.
  static const ServerMethod* Opaque(const Method& method) {
    return reinterpret_cast<const ServerMethod*>(&method);
  }
};

// With this in the environment, servers' connections rest whenever they may.
inline constexpr char kRestAlways[] = "DIALTONE_TEST_REST_ALWAYS";

// Listens on one address and gives each connection that speaks Dialtone/1 to a ServerConnection.
class TestServer final : private Listener::Handler, private ServerConnection::Owner {
 public:
  TestServer(Network& network, Loop& loop, const Address& address, const ConnectionLimits& limits)
      : limits_(limits),
        loop_(loop),
        connections_(loop, gate_, getenv(kRestAlways) != nullptr ? 0 : 64, absl::Milliseconds(1)) {
    auto listener = network.Listen(loop, address, ListenOptions(), *this);
    EXPECT_TRUE(listener.ok()) << listener.status();
    listener_ = std::move(*listener);
  }
  const Address& address() const { return listener_->address(); }
  void StopListening() { listener_.reset(); }
  void AbortAll() {
    for (ServerConnection* connection : connections_.InOrder()) connection->Abort();
    first_.clear();
  }
  ServerConnection& connection() { return *connections_.InOrder().back(); }
  bool has_connection() const { return !connections_.empty(); }
  // Lets the last connection rest as soon as it may be let. False: it may not.
  bool Rest() { return connections_.LetRest(connection()); }
  size_t connections() const { return connections_.size(); }

  TestDispatcher dispatcher;
  int closed = 0;
  int awoken = 0;

 private:
  // A connection whose first bytes have not come.
  class First final : private ByteStream::Handler {
   public:
    First(TestServer& server, AcceptedStream&& accepted) : server_(server) {
      stream_ = std::move(accepted).Adopt(server.loop_, *this);
    }

   private:
    void OnConnected(const absl::Status&) override { FAIL(); }
    void OnReadable() override {
      char bytes[64];
      const IoResult result = stream_->Read(bytes);
      if (result.state == IoResult::State::kWouldBlock) return;
      if (result.state != IoResult::State::kDone) {
        stream_.reset();
        return;
      }
      read_.append(bytes, result.bytes);
      switch (server_.protocol_->Recognize(read_)) {
        case ServerProtocol::Match::kYes:
          server_.Serve(std::move(stream_), read_);
          return;
        case ServerProtocol::Match::kNo:
          stream_.reset();
          return;
        case ServerProtocol::Match::kNeedMore:
          return;
      }
    }
    void OnWritable() override {}

    TestServer& server_;
    std::unique_ptr<ByteStream> stream_;
    std::string read_;
  };

  void OnAccept(std::unique_ptr<AcceptedStream> stream) override {
    first_.push_back(std::make_unique<First>(*this, std::move(*stream)));
  }
  void Serve(std::unique_ptr<ByteStream> stream, std::string_view first_bytes) {
    connections_.Add(acceptor_->Serve(std::move(stream), first_bytes), {});
  }
  void OnClosed(ServerConnection& connection) override {
    ++closed;
    EXPECT_EQ(connection.calls_in_flight(), 0u);
    connections_.Remove(connection);
  }

  void OnAwake(ServerConnection& connection) override {
    ++awoken;
    connections_.OnAwake(connection);
  }

  const ConnectionLimits limits_;
  Loop& loop_;
  std::unique_ptr<ServerProtocol> protocol_ = NewServerProtocol();
  std::unique_ptr<ServerAcceptor> acceptor_ =
      protocol_->NewAcceptor(loop_, limits_, dispatcher, *this);
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<First>> first_;
  dialtone::internal::ConnectionGate gate_{1000, 1000};
  dialtone::internal::ServedConnections connections_;
};

// One connection of a client, and the calls made on it. Calls that find no room wait, as a channel
// would let them.
class TestClient final : private ClientConnection::Owner {
 public:
  TestClient(Loop& loop, const Address& address, const ConnectionLimits& limits,
             const ClientOptions& options)
      : connection_(dialtone1::Connect(loop, address, ConnectOptions(), limits, options, *this)) {}
  ~TestClient() {
    if (connection_ != nullptr) connection_->Close(absl::CancelledError("test over"));
  }

  // Calls live as long as the client.
  TestCall& Call(const Method& method, std::string request, const Metadata* metadata = nullptr,
                 Instant deadline = Instant::Infinite(), uint64_t reply_bytes_max = 0) {
    return Call(method, TestMessage(std::move(request)), metadata, deadline, reply_bytes_max);
  }
  TestCall& Call(const Method& method, TestMessage request, const Metadata* metadata = nullptr,
                 Instant deadline = Instant::Infinite(), uint64_t reply_bytes_max = 0) {
    calls.push_back(std::make_unique<TestCall>());
    TestCall& call = *calls.back();
    waiting_.push_back(
        Waiting{&call, &method, std::move(request), metadata, deadline, reply_bytes_max});
    StartWaiting();
    return call;
  }
  // A call whose messages the test sends itself.
  TestCall& Open(const Method& method, std::string first) {
    calls.push_back(std::make_unique<TestCall>());
    Start(Waiting{calls.back().get(), &method, TestMessage(std::move(first)), nullptr,
                  Instant::Infinite(), 0},
          /*end=*/false);
    return *calls.back();
  }
  // ... the first of them, too.
  TestCall& Open(const Method& method) {
    calls.push_back(std::make_unique<TestCall>());
    Start(*calls.back(), method, RequestHead(), nullptr, /*end=*/false);
    return *calls.back();
  }
  bool all_done() const {
    for (const auto& call : calls) {
      if (!call->done()) return false;
    }
    return true;
  }
  ClientConnection& connection() { return *connection_; }
  bool closed() const { return connection_ == nullptr; }

  std::deque<std::unique_ptr<TestCall>> calls;
  int ready = 0;
  int capacity = 0;
  int draining = 0;
  absl::Status closed_status;
  std::function<void()> on_ready;

 private:
  struct Waiting {
    TestCall* call;
    const Method* method;
    TestMessage request;
    const Metadata* metadata;
    Instant deadline;
    uint64_t reply_bytes_max;
  };

  void StartWaiting() {
    while (connection_ != nullptr && !waiting_.empty() && connection_->has_capacity()) {
      const Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      if (!next.call->cancelled) Start(next, /*end=*/true);
    }
  }
  void Start(const Waiting& what, bool end) {
    TestMessage message = what.request;
    RequestHead head;
    head.metadata = what.metadata;
    head.deadline = what.deadline;
    head.reply_bytes_max = what.reply_bytes_max;
    Start(*what.call, *what.method, head, &message, end);
  }
  void Start(TestCall& call, const Method& method, RequestHead head, OutgoingMessage* message,
             bool end) {
    head.method = &method;
    call.starting = true;
    call.stream = connection_->Start(call, head, message, end);
    call.starting = false;
  }

  void OnReady(ClientConnection&) override {
    ++ready;
    if (on_ready) on_ready();
    StartWaiting();
  }
  void OnCapacity(ClientConnection&) override {
    ++capacity;
    StartWaiting();
  }
  void OnDraining(ClientConnection&) override { ++draining; }
  void OnClosed(ClientConnection&, const absl::Status& status) override {
    closed_status = status;
    connection_.reset();
  }

  std::deque<Waiting> waiting_;
  std::unique_ptr<ClientConnection> connection_;
};

}  // namespace dialtone::dialtone1
