// How a ServerSession goes, and comes back, between a silent client's calls. The rest of it is in
// server_session.cc.
#include <algorithm>
#include <utility>

#include "accepted_connection.h"
#include "dialtone/transport/check.h"
#include "server_session.h"

namespace dialtone::dialtone1 {

bool ServerSession::MayRest() const {
  if (!calls_.empty() || draining_ || !Session::MayRest()) return false;
  // What it was woken for comes first, in the loop's next turn.
  const Instant soon = loop().Now() + absl::Milliseconds(1);
  return !(quiet_timer_.armed() && quiet_since_ + idle_timeout_ <= soon) &&
         !(age_timer_.armed() && age_timer_.when() <= soon);
}

RestingState ServerSession::Rest() {
  DIALTONE_CHECK(last_taken_ == ids_.last());
  CommonState common;
  common.methods = methods_;
  RestingState rest;
  Session::Rest(rest, common);
  rest.last_stream = last_taken_;
  rest.late_bytes = static_cast<uint32_t>(std::min<uint64_t>(late_bytes_, UINT32_MAX));
  rest.idle_at = Instant::Infinite();
  if (quiet_timer_.armed()) {
    if (calls_at_quiet_check_ || last_taken_ != taken_at_quiet_check_) quiet_since_ = loop().Now();
    rest.idle_at = quiet_since_ + idle_timeout_;
  }
  rest.aged_at = age_timer_.armed() ? age_timer_.when() : Instant::Infinite();
  rest.common = acceptor_.common.Keep(std::move(common));
  return rest;
}

void ServerSession::Resume(RestingState rest) {
  methods_ = rest.common->methods;
  ids_ = StreamIdRule(rest.last_stream);
  last_taken_ = taken_at_quiet_check_ = rest.last_stream;
  late_bytes_ = rest.late_bytes;
  Session::Resume(rest);
  if (!rest.aged_at.infinite()) loop().Arm(age_timer_, rest.aged_at);
  if (rest.idle_at.infinite()) return;
  // By chance anew; what is left of the time is as it was.
  idle_timeout_ = limits().idle_timeout * (1 + 0.25 * Chance());
  quiet_since_ = rest.idle_at + -idle_timeout_;
  ArmQuietCheck(loop().Now());
}

}  // namespace dialtone::dialtone1
