#include "hedges.h"

#include <algorithm>
#include <utility>

#include "client_call.h"
#include "dialtone/transport/check.h"
#include "subchannel.h"

namespace dialtone::internal {

class Hedges::Hedge final : public ClientStreamHandler {
 public:
  Hedge(Hedges& all, Subchannel& subchannel)
      : all_(all), subchannel_(subchannel), peer_(subchannel.connection().info().peer) {}

  void Begin(ClientCall& call) { stream_ = call.StartOn(subchannel_, *this); }
  bool under_way() const { return stream_ != nullptr; }
  Subchannel& subchannel() const { return subchannel_; }
  const Address& peer() const { return peer_; }
  void Cancel(CancelReason reason) {
    if (stream_ == nullptr) return;
    std::exchange(stream_, nullptr)->Cancel(reason);
    subchannel_.OnCallEnded(OutcomeOf(reason));
  }
  // What the call needs to go on with this attempt alone.
  ClientCall::Attempt Take() {
    return {std::exchange(stream_, nullptr), &subchannel_, std::move(peer_), std::move(initial_)};
  }

 private:
  void OnWritten() override { all_.call_.TellWritten(peer_); }
  void OnHeaders(Metadata&& initial) override { initial_ = std::move(initial); }
  void OnMessage(IncomingMessage& message) override {
    all_.Win(*this);
    static_cast<ClientStreamHandler&>(all_.call_).OnMessage(message);
  }
  void OnEnd(StreamEnd&& end) override { all_.OnEnd(*this, std::move(end)); }

  Hedges& all_;
  Subchannel& subchannel_;          // alive while stream_ is there
  ClientStream* stream_ = nullptr;  // null: not under way, or taken by the call
  Address peer_;
  Metadata initial_;
};

Hedges::Hedges(ClientCall& call, CallCounters& counters) : call_(call), counters_(counters) {}

Hedges::~Hedges() { DIALTONE_CHECK(under_way() == 0, "a hedge outlives its call"); }

void Hedges::Begin(Subchannel& subchannel) {
  hedges_.push_back(std::make_unique<Hedge>(*this, subchannel));
  hedges_.back()->Begin(call_);
}

size_t Hedges::under_way() const {
  return static_cast<size_t>(std::count_if(hedges_.begin(), hedges_.end(),
                                           [](const auto& hedge) { return hedge->under_way(); }));
}

bool Hedges::IsAt(const Subchannel& subchannel) const {
  return std::any_of(hedges_.begin(), hedges_.end(), [&](const auto& hedge) {
    return hedge->under_way() && &hedge->subchannel() == &subchannel;
  });
}

const Address& Hedges::peer() const {
  const auto found = std::find_if(hedges_.begin(), hedges_.end(),
                                  [](const auto& hedge) { return hedge->under_way(); });
  DIALTONE_CHECK(found != hedges_.end(), "no hedge is under way");
  return (*found)->peer();
}

void Hedges::Cancel(CancelReason reason) {
  for (const auto& hedge : hedges_) hedge->Cancel(reason);
}

void Hedges::Win(Hedge& hedge) {
  if (winner_ == &hedge) return;
  winner_ = &hedge;
  call_.Adopt(hedge.Take());
  counters_.hedges_won.Increment();
}

void Hedges::OnEnd(Hedge& hedge, StreamEnd&& end) {
  if (winner_ != &hedge) {
    ClientCall::Attempt attempt = hedge.Take();
    if (call_.GoesOnWithout(*attempt.subchannel, end))
      return attempt.subchannel->OnCallEnded(OutcomeOf(end));
    call_.Adopt(std::move(attempt));
  }
  static_cast<ClientStreamHandler&>(call_).OnEnd(std::move(end));
}

}  // namespace dialtone::internal
