#include "server_connection.h"

#include <utility>

#include "frame_writer.h"
#include "preface.h"
#include "server_session.h"

namespace dialtone::dialtone1 {
namespace {

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

  std::unique_ptr<ServerConnection> Serve(Loop& loop, std::unique_ptr<ByteStream> stream,
                                          std::string_view first_bytes,
                                          const ConnectionLimits& limits,
                                          CallDispatcher& dispatcher,
                                          ServerConnection::Owner& owner) const override {
    auto session = std::make_unique<ServerSession>(loop, limits, dispatcher, owner);
    session->Begin(std::move(stream), first_bytes);
    return session;
  }
};

}  // namespace

std::unique_ptr<ServerProtocol> NewServerProtocol() { return std::make_unique<Protocol>(); }

}  // namespace dialtone::dialtone1
