// One connection to the admin port: one request, one answer, and its end. Internal to rpc/admin.
//
//   reading ── the head is whole, or cannot become so ──▶ waiting ── Answer ──▶ writing ──▶ closing ──▶ OnDone
//      └──── the client is gone, or the time is over ─────────────────────────────────────────────────▶
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dialtone/rpc/admin.h"
#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/network.h"
#include "http_request.h"

namespace dialtone::internal {

// The media type of answers that are a sentence.
inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

// Belongs to its owner and its loop; everything under the loop's lead.
class AdminConnection final : private ByteStream::Handler {
 public:
  class Owner {
   public:
    // Answer() follows, from within or later.
    virtual void OnRequest(AdminConnection& connection, const HttpRequest& request) = 0;
    // Once, last: the owner may destroy the connection, but not from within.
    virtual void OnDone(AdminConnection& connection) = 0;

   protected:
    ~Owner() = default;
  };

  AdminConnection(Owner& owner, Loop& loop, const AdminOptions& options, uint64_t id,
                  std::unique_ptr<AcceptedStream> stream);
  ~AdminConnection();
  AdminConnection(const AdminConnection&) = delete;
  AdminConnection& operator=(const AdminConnection&) = delete;

  uint64_t id() const { return id_; }
  void Answer(int code, std::string_view content_type, std::string_view body);

 private:
  enum class Phase : uint8_t { kReading, kWaiting, kWriting, kClosing, kDone };

  void OnConnected(const absl::Status&) override {}
  void OnReadable() override;
  void OnWritable() override { Write(); }
  void OnTimeout();
  void TakeBytes(std::string_view bytes);
  void Fail(int code, std::string_view why);
  void Write();
  void Done();

  Owner& owner_;
  Loop& loop_;
  const AdminOptions& options_;
  const uint64_t id_;
  Phase phase_ = Phase::kReading;
  bool peer_ended_ = false;  // while it was answered
  HttpRequest request_;
  std::string bytes_;  // what was read, then what is to be written
  size_t written_ = 0;
  MemberTimer<&AdminConnection::OnTimeout> timeout_{*this};
  std::unique_ptr<ByteStream> stream_;
};

}  // namespace dialtone::internal
