// The admin port: a listener on one of the server's reactors, and what it answers.
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "admin_connection.h"
#include "dialtone/rpc/admin.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "guarded.h"
#include "server_core.h"
#include "unshared_status.h"

namespace dialtone {
namespace internal {
namespace {

constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";
// How long the server's end waits for a reactor that a handler holds.
constexpr absl::Duration kStopTime = absl::Seconds(1);

// Everything under the lead of its loop, but for what is constant. Shared with work on its way there.
class Port final : public std::enable_shared_from_this<Port>,
                   private Listener::Handler,
                   public AdminConnection::Owner {
 public:
  Port(std::shared_ptr<ServerCore> server, const AdminOptions& options)
      : options_(options), loop_(server->first_loop()), server_(std::move(server)) {}

  Loop& loop() { return loop_; }
  absl::StatusOr<Address> Listen(const Address& address) {
    ListenOptions listen;
    listen.backlog = static_cast<int>(options_.connections_max);
    auto listener = server_->runtime().network().Listen(loop_, address, listen, *this);
    if (!listener.ok()) return Unshared(listener.status());
    listener_ = *std::move(listener);
    return listener_->address();
  }
  void Close() {
    listener_.reset();
    connections_.clear();
    server_.reset();
  }

 private:
  // Makes the text on a worker, for one connection.
  class Rendering {
   public:
    Rendering(std::shared_ptr<Port> port, uint64_t connection)
        : port_(std::move(port)), server_(port_->server_), connection_(connection) {}
    // False: the workers are too busy; it is for the caller to destroy.
    bool Begin() { return server_->runtime().message_workers().Post(work_); }

   private:
    void Render() {
      text_ = PrometheusText(server_->Metrics());
      if (port_->options_.more_text)
        RunUsers("AdminOptions::more_text", [&] { text_ += port_->options_.more_text(); });
      server_.reset();  // before the server's end can wait for this
      Loop& loop = port_->loop();
      loop.Post([self = std::unique_ptr<Rendering>(this)] {
        self->port_->OnRendered(self->connection_, self->text_);
      });
    }

    const std::shared_ptr<Port> port_;
    std::shared_ptr<ServerCore> server_;
    const uint64_t connection_;
    std::string text_;
    MemberWork<&Rendering::Render> work_{*this};
  };

  void OnAccept(std::unique_ptr<AcceptedStream> stream) override {
    if (listener_ == nullptr || connections_.size() >= options_.connections_max) return;
    const uint64_t id = ++last_id_;
    connections_.emplace(
        id, std::make_unique<AdminConnection>(*this, loop_, options_, id, std::move(stream)));
  }

  void OnRequest(AdminConnection& connection, const HttpRequest& request) override {
    if (request.path == "/healthz") {
      const bool serving = server_->health().IsServing(Health::kOverall).value_or(false);
      return connection.Answer(serving ? 200 : 503, kPlainText,
                               serving ? "serving\n" : "not serving\n");
    }
    if (request.path != "/metrics")
      return connection.Answer(404, kPlainText, "there are /metrics and /healthz\n");
    auto rendering = std::make_unique<Rendering>(shared_from_this(), connection.id());
    if (!rendering->Begin())
      return connection.Answer(503, kPlainText, "the server's workers are too busy\n");
    static_cast<void>(rendering.release());  // its work holds it
  }

  void OnRendered(uint64_t id, std::string_view text) {
    if (const auto found = connections_.find(id); found != connections_.end())
      found->second->Answer(200, kPrometheusText, text);
  }

  void OnDone(AdminConnection& connection) override {
    // It is below us on the stack.
    loop_.Post([self = shared_from_this(), id = connection.id()] { self->connections_.erase(id); });
  }

  const AdminOptions options_;
  Loop& loop_;
  std::shared_ptr<ServerCore> server_;  // null: closed
  std::unique_ptr<Listener> listener_;
  uint64_t last_id_ = 0;
  std::map<uint64_t, std::unique_ptr<AdminConnection>> connections_;
};

class AdminExtension final : public ServerExtension {
 public:
  explicit AdminExtension(const AdminOptions& options) : options_(options) {}

  absl::Status OnStart(const std::shared_ptr<ServerCore>& server) override {
    const absl::StatusOr<Address> address = Address::Parse(options_.address);
    if (!address.ok()) return Named(address.status());
    network_ = &server->runtime().network();
    port_ = std::make_shared<Port>(server, options_);
    absl::StatusOr<Address> bound = absl::UnknownError("");
    Event done;
    port_->loop().Post([&] {
      bound = port_->Listen(*address);
      if (!bound.ok()) port_->Close();
      done.Set();
    });
    network_->Wait(done, Instant::Infinite());
    if (!bound.ok()) return Named(bound.status());
    Log(LogLevel::kInfo, absl::StrCat("admin port: listening on ", bound->ToString()));
    if (options_.on_listening) options_.on_listening(*bound);
    return absl::OkStatus();
  }

  void OnStop() override {
    const auto done = std::make_shared<Event>();
    port_->loop().Post([port = port_, done] {
      port->Close();
      done->Set();
    });
    network_->Wait(*done, network_->Now() + kStopTime);
  }

 private:
  static absl::Status Named(const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat("admin port: ", status.message()));
  }

  const AdminOptions options_;
  Network* network_ = nullptr;
  std::shared_ptr<Port> port_;
};

}  // namespace
}  // namespace internal

std::shared_ptr<ServerExtension> AdminPort(const AdminOptions& options) {
  return std::make_shared<internal::AdminExtension>(options);
}

}  // namespace dialtone
