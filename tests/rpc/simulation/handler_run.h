// What World's handlers share.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/status_details.h"
#include "world.h"
#include "world_parts.h"

namespace dialtone::simulation {

// Suspends until the coroutine's context ends.
class UntilCancelled final : public internal::Awaitable, private internal::CancelNode {
 public:
  UntilCancelled() = default;
  ~UntilCancelled() {}

  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase& promise) {
    promise_ = &promise;
    return promise.scope().context().state()->Add(*this);
  }
  void await_resume() const {}

 private:
  void OnContextEnded(const absl::Status&) override { promise_->ResumeLater(); }

  internal::PromiseBase* promise_ = nullptr;
};

// One run of a handler: notes its beginning, the end of its context, and its own end.
class World::HandlerRun {
 public:
  HandlerRun(World& world, int server, int id, ServerCall& call, const Text* request)
      : world_(world),
        call_(call),
        id_(id),
        plan_(world.program_.calls[id]),
        record_(world.records_[id]),
        cancelled_(call.context(), [this](const absl::Status& reason) {
          record_.context_ended = world_.sim_.Now();
          record_.context_status = reason;
        }) {
    ++record_.runs;
    record_.server = server;
    record_.handler_began = world_.sim_.Now();
    record_.handler_deadline = call.context().deadline();
    record_.request_is_right = (request == nullptr || request->value() == RequestOf(plan_, id)) &&
                               (!plan_.has_metadata || call.metadata() == MetadataOf(id)) &&
                               call.attachment().view() == RequestAttachmentOf(plan_, id);
    if (plan_.sends_headers) {
      call.initial_metadata().AddUnchecked("head", absl::StrCat(id));
      record_.initial = call.initial_metadata();
    }
  }
  ~HandlerRun() {
    record_.handler_ended = world_.sim_.Now();
    if (awaits_child_) world_.records_[plan_.child].caller_abandoned = true;
  }

  const CallPlan& plan() const { return plan_; }
  bool calls_on() const {
    return plan_.child != kNone &&
           world_.channels_[world_.program_.calls[plan_.child].channel].channel != nullptr;
  }
  // A handler that is destroyed meanwhile tells nobody of it.
  void AwaitChild(bool awaits) { awaits_child_ = awaits; }
  Call<Text> StartChild() {
    awaits_child_ = true;
    return world_.Start(plan_.child, call_.context()).Capture(world_.records_[plan_.child].info);
  }
  absl::Status ChildEnded(const absl::StatusOr<Text>& reply) {
    awaits_child_ = false;
    world_.Told(plan_.child, reply);
    return reply.status();
  }
  absl::Status End(absl::Status status) {
    record_.said = true;
    return record_.handler_status = std::move(status);
  }
  absl::Status Finish(Text* reply) {
    if (plan_.outcome == Outcome::kThrow) {
      record_.threw = true;
      throw std::runtime_error("as planned");
    }
    if (plan_.has_metadata || plan_.outcome == Outcome::kFail) {
      call_.trailing_metadata().AddUnchecked("tail", absl::StrCat(id_));
      call_.trailing_metadata().AddUnchecked("tail-bin", std::string(5, '\0'));
      record_.trailing = call_.trailing_metadata();
    }
    if (plan_.outcome == Outcome::kFail) {
      absl::Status status(plan_.code, absl::StrCat("call ", id_, " fails"));
      AddDetail(status, MakeText(absl::StrCat("detail of call ", id_)));
      return End(std::move(status));
    }
    if (reply != nullptr) reply->set_value(ReplyOf(plan_, id_));
    if (plan_.attachment_bytes > 0)
      call_.set_reply_attachment(Attachment(ReplyAttachmentOf(plan_, id_)));
    return End(absl::OkStatus());
  }

 private:
  World& world_;
  ServerCall& call_;
  const int id_;
  const CallPlan& plan_;
  CallRecord& record_;
  bool awaits_child_ = false;
  CancelCallback cancelled_;
};

}  // namespace dialtone::simulation
