// A server of sample.Sample, for dial's tests.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/server.h"
#include "dialtone/rpc/server_flags.h"
#include "dialtone/rpc/sleep.h"
#include "grpc/reflection/v1/reflection.dialtone.h"
#include "sample.dialtone.h"

namespace {

class SampleService final : public sample::Sample::Service {
  using Status = absl::Status;

  dialtone::Task<Status> Mirror(dialtone::ServerCall&, const sample::Everything& request,
                                sample::Everything& reply) override {
    reply = request;
    co_return absl::OkStatus();
  }
  dialtone::Task<Status> MirrorNode(dialtone::ServerCall&, const sample::Node& request,
                                    sample::Node& reply) override {
    reply = request;
    co_return absl::OkStatus();
  }
  dialtone::Task<Status> Deep(dialtone::ServerCall&, const sample::DeepRequest& request,
                              sample::Node& reply) override {
    sample::Node* node = &reply;
    for (int level = 1; level < request.levels(); ++level) node = node->mutable_next();
    node->set_text("deepest");
    co_return absl::OkStatus();
  }
  dialtone::Task<Status> Large(dialtone::ServerCall&, const sample::LargeRequest& request,
                               sample::LargeReply& reply) override {
    reply.mutable_blob()->assign(static_cast<size_t>(request.bytes()), 'x');
    co_return absl::OkStatus();
  }

  dialtone::Task<Status> WaitForCancel() {
    const absl::Status slept = co_await dialtone::Sleep(absl::Hours(1));
    if (absl::IsCancelled(slept)) cancelled_.fetch_add(1);
    co_return slept;
  }
  dialtone::Task<Status> Hang(dialtone::ServerCall&, const sample::Nothing&,
                              sample::Nothing&) override {
    return WaitForCancel();
  }
  dialtone::Task<Status> HangDown(dialtone::ServerCall&, const sample::Nothing&,
                                  dialtone::Writer<sample::Nothing>& writer) override {
    const sample::Nothing first;
    const bool open = co_await writer.Write(first);
    if (!open) co_return absl::OkStatus();
    absl::Status waited = co_await WaitForCancel();
    co_return waited;
  }
  dialtone::Task<Status> HangUp(dialtone::ServerCall&, dialtone::Reader<sample::Nothing>&,
                                sample::Nothing&) override {
    return WaitForCancel();
  }
  dialtone::Task<Status> HangBoth(dialtone::ServerCall&, dialtone::Reader<sample::Nothing>&,
                                  dialtone::Writer<sample::Nothing>& writer) override {
    const sample::Nothing first;
    const bool open = co_await writer.Write(first);
    if (!open) co_return absl::OkStatus();
    absl::Status waited = co_await WaitForCancel();
    co_return waited;
  }
  dialtone::Task<Status> Count(dialtone::ServerCall&, const sample::Nothing&,
                               sample::Counts& reply) override {
    reply.set_cancelled(cancelled_.load());
    co_return absl::OkStatus();
  }

  std::atomic<int64_t> cancelled_{0};
};

// Says of services what no server should: names that would command a terminal, and errors whose number is none's.
class HostileReflection final : public grpc::reflection::v1::ServerReflection::Service {
  dialtone::Task<absl::Status> ServerReflectionInfo(
      dialtone::ServerCall&,
      dialtone::Reader<grpc::reflection::v1::ServerReflectionRequest>& reader,
      dialtone::Writer<grpc::reflection::v1::ServerReflectionResponse>& writer) override {
    for (;;) {
      const grpc::reflection::v1::ServerReflectionRequest* request = co_await reader.Read();
      if (request == nullptr) break;
      grpc::reflection::v1::ServerReflectionResponse answer;
      if (request->has_list_services()) {
        auto& service = *answer.mutable_list_services_response()->add_service();
        service.set_name("x\033[31my\u009b2J");
      } else {
        answer.mutable_error_response()->set_error_code(0);
        answer.mutable_error_response()->set_error_message("no error");
      }
      const bool open = co_await writer.Write(answer);
      if (!open) break;
    }
    co_return absl::OkStatus();
  }
};

// So that a call is let in by its metadata alone, the reflection service's too.
class Guard final : public dialtone::ServerObserver {
  absl::Status OnStart(dialtone::ServerCall& call) override {
    if (call.metadata().Get("guard") == "open") return absl::OkStatus();
    return absl::UnauthenticatedError("the guard lets nobody in");
  }
};

}  // namespace

int main(int argc, char** argv) {
  dialtone::ServerFlags flags("sample_server: what dial's tests call.", "127.0.0.1:0");
  flags.options().on_listening = [](const dialtone::Address& address) {
    std::printf("listening on %s\n", address.ToString().c_str());
    std::fflush(stdout);
  };
  if (const auto exit = flags.Parse(argc, argv)) return *exit;
  if (std::getenv("SAMPLE_GUARD") != nullptr)
    flags.options().observers.push_back(std::make_shared<Guard>());
  dialtone::Server server(flags.options());
  server.Add(std::make_unique<SampleService>());
  // With --reflection=false.
  if (std::getenv("SAMPLE_HOSTILE") != nullptr) server.Add(std::make_unique<HostileReflection>());
  return server.Run(flags.listen());
}
