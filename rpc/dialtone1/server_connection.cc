#include "server_connection.h"

#include <utility>

#include "accepted_connection.h"
#include "frame_writer.h"
#include "preface.h"

namespace dialtone::dialtone1 {
namespace {

class Acceptor final : public ServerAcceptor {
 public:
  Acceptor(Loop& loop, const ConnectionLimits& limits, CallDispatcher& dispatcher,
           ServerConnection::Owner& owner)
      : state_{loop, limits, dispatcher, owner} {}

  std::unique_ptr<ServerConnection> Serve(std::unique_ptr<ByteStream> stream,
                                          std::string_view first_bytes) override {
    return std::unique_ptr<ServerConnection>(
        new (state_) AcceptedConnection(state_, std::move(stream), first_bytes));
  }

 private:
  AcceptorState state_;
};

class Protocol final : public ServerProtocol {
 public:
  std::string_view name() const override { return "dialtone/1"; }

  // Another major version is ours, too: it gets an answer that names both.
  Match Recognize(std::string_view first_bytes) const override {
    switch (MatchPreface(first_bytes).match) {
      case PrefaceMatch::kNeedMore:
        return Match::kNeedMore;
      case PrefaceMatch::kMine:
      case PrefaceMatch::kOtherMajor:
        return Match::kYes;
      case PrefaceMatch::kNotMine:
        return Match::kNo;
    }
    return Match::kNo;
  }

  std::string Refusal(std::string_view why) const override {
    const std::string_view text = why.substr(0, kMaxGoawayTextBytes);
    FrameHeader header = MakeHeader(FrameType::kGoaway, 0, 0, /*last stream taken*/ 0);
    header.length = static_cast<uint32_t>(sizeof(uint32_t) + text.size());
    char head[kHeaderBytes + sizeof(uint32_t)];
    EncodeHeader(header, head);
    Store32(head + kHeaderBytes, static_cast<uint32_t>(GoawayReason::kLimit));
    return std::string(kPreface).append(head, sizeof head).append(text);
  }

  std::unique_ptr<ServerAcceptor> NewAcceptor(Loop& loop, const ConnectionLimits& limits,
                                              CallDispatcher& dispatcher,
                                              ServerConnection::Owner& owner) const override {
    return std::make_unique<Acceptor>(loop, limits, dispatcher, owner);
  }
};

}  // namespace

std::unique_ptr<ServerProtocol> NewServerProtocol() { return std::make_unique<Protocol>(); }

}  // namespace dialtone::dialtone1
