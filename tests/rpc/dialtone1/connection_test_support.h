// Client and server connections of Dialtone/1 against each other, or against bytes, in the simulated network. For the
// connection tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "connection_peers.h"
#include "raw_peer.h"
#include "support/sim_network.h"

namespace dialtone::dialtone1 {

// A server and one client, each on a reactor of its own host.
class ConnectionTest : public ::testing::Test {
 protected:
  explicit ConnectionTest(const SimOptions& options = SimOptions())
      : network_(options),
        server_loop_(network_.NewReactor("server/0")),
        client_loop_(network_.NewReactor("client/0")) {}
  ~ConnectionTest() override {
    OnClient([&] {
      client_.reset();
      raw_client_.reset();
    });
    OnServer([&] {
      raw_server_.reset();
      if (server_ == nullptr) return;
      server_->StopListening();
      server_->dispatcher.on_cancel = nullptr;
      for (const auto& handler : server_->dispatcher.handlers) handler->on_cancel = nullptr;
      server_->AbortAll();
      for (const auto& handler : server_->dispatcher.handlers) {
        if (!handler->finished) handler->Finish(absl::AbortedError("test over"));
      }
    });
    network_.RunFor(absl::Milliseconds(1));
    if (server_ != nullptr) {
      EXPECT_EQ(server_->connections(), 0u) << "a connection is left";
    }
    OnServer([&] { server_.reset(); });
    client_loop_.reset();
    server_loop_.reset();
  }

  void OnServer(absl::FunctionRef<void()> f) { network_.RunOn(*server_loop_, f); }
  void OnClient(absl::FunctionRef<void()> f) { network_.RunOn(*client_loop_, f); }

  void StartServer(const ConnectionLimits& limits = ConnectionLimits()) {
    OnServer([&] {
      server_ = std::make_unique<TestServer>(network_, *server_loop_,
                                             *Address::Parse("127.0.0.1:0"), limits);
      address_ = server_->address();
    });
  }
  void StartClient(const ConnectionLimits& limits = ConnectionLimits(),
                   const ClientOptions& options = ClientOptions()) {
    OnClient(
        [&] { client_ = std::make_unique<TestClient>(*client_loop_, address_, limits, options); });
  }
  void Start(const ConnectionLimits& server = ConnectionLimits(),
             const ConnectionLimits& client = ConnectionLimits()) {
    StartServer(server);
    StartClient(client);
  }
  // A peer in the place of the client, or of the server.
  void StartRawClient() {
    OnClient([&] { raw_client_ = std::make_unique<RawPeer>(*client_loop_, address_); });
  }
  void StartRawServer() {
    OnServer([&] {
      raw_server_ = std::make_unique<RawPeer>(network_, *server_loop_);
      address_ = raw_server_->address();
    });
  }
  TestCall& Call(const Method& method, std::string request, const Metadata* metadata = nullptr) {
    TestCall* call = nullptr;
    OnClient([&] { call = &client_->Call(method, std::move(request), metadata); });
    return *call;
  }
  bool RunUntil(absl::FunctionRef<bool()> done, absl::Duration limit = absl::Seconds(60)) {
    return network_.RunUntil(done, limit);
  }
  // Whether a call begun now succeeds: the connection still serves.
  void ExpectServes() {
    TestCall& call = Call(kEcho, "still there?");
    EXPECT_TRUE(RunUntil([&] { return call.ended; }));
    EXPECT_TRUE(call.end.status.ok()) << call.end.status;
    EXPECT_EQ(call.messages, std::vector<std::string>{"still there?"});
  }

  // For tests whose connections count in one, or each side in its own; outlive them.
  std::unique_ptr<ByteBudget> process_;
  std::unique_ptr<ByteBudget> client_process_;
  SimNetwork network_;
  std::unique_ptr<Loop> server_loop_;
  std::unique_ptr<Loop> client_loop_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<TestClient> client_;
  std::unique_ptr<RawPeer> raw_client_;
  std::unique_ptr<RawPeer> raw_server_;
  Address address_;
};

}  // namespace dialtone::dialtone1
