#include "raw_socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "dialtone/transport/check.h"
#include "frame_reader.h"
#include "frame_writer.h"
#include "metadata_block.h"
#include "preface.h"
#include "settings.h"

namespace dialtone::faults {

using dialtone1::Frame;
using dialtone1::FrameReader;
using dialtone1::FrameType;

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point After(absl::Duration patience) {
  return Clock::now() + absl::ToChronoMilliseconds(patience);
}
int MillisecondsUntil(Clock::time_point when) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(when - Clock::now());
  return static_cast<int>(std::max<int64_t>(0, left.count()));
}
bool Poll(int descriptor, int16_t what, Clock::time_point until) {
  pollfd polled{descriptor, what, 0};
  int ready = 0;
  while ((ready = poll(&polled, 1, MillisecondsUntil(until))) < 0 && errno == EINTR) {
  }
  return ready > 0;
}

template <class Visit>
void VisitFrames(std::string_view received, Visit visit) {
  if (received.size() <= dialtone1::kPrefaceBytes) return;
  FrameReader reader(0xFF);
  reader.Feed(received.substr(dialtone1::kPrefaceBytes));
  Frame frame;
  while (reader.Next(frame) == FrameReader::Result::kFrame) visit(frame);
}

void AppendHeader(const dialtone1::FrameHeader& header, std::string& bytes) {
  char head[dialtone1::kHeaderBytes];
  EncodeHeader(header, head);
  bytes.append(head, sizeof(head));
}

}  // namespace

RawSocket::RawSocket(const Address& server, int receive_buffer)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  DIALTONE_CHECK(descriptor_ >= 0, "no socket");
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer != 0) {
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server.port());
  std::memcpy(&to.sin_addr, server.ip_bytes().data(), sizeof to.sin_addr);
  DIALTONE_CHECK(connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0,
                 "the server does not listen");
}

RawSocket::~RawSocket() {
  if (descriptor_ >= 0) close(descriptor_);
}

RawSocket::RawSocket(RawSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      ended_(other.ended_),
      broken_(other.broken_),
      received_(std::move(other.received_)) {}

size_t RawSocket::Send(std::string_view bytes) {
  if (broken_) return 0;
  const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<size_t>(sent);
  broken_ = errno != EAGAIN && errno != EINTR;
  return 0;
}

bool RawSocket::SendAll(std::string_view bytes, absl::Duration patience) {
  const auto until = After(patience);
  while (!bytes.empty() && !broken_) {
    bytes.remove_prefix(Send(bytes));
    if (!bytes.empty() && !broken_ && !Poll(descriptor_, POLLOUT, until)) return false;
  }
  return !broken_;
}

bool RawSocket::Read(absl::Duration patience) {
  if (ended_ || broken_) return true;
  if (!Poll(descriptor_, POLLIN, After(patience))) return false;
  char bytes[64 * 1024];
  const ssize_t count = recv(descriptor_, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count > 0) received_.append(bytes, static_cast<size_t>(count));
  if (count == 0) ended_ = true;
  if (count < 0 && errno != EAGAIN && errno != EINTR) broken_ = true;
  return true;
}

bool RawSocket::AwaitEnd(absl::Duration patience) {
  const auto until = After(patience);
  while (!ended_ && !broken_) {
    if (!Read(absl::Milliseconds(MillisecondsUntil(until)))) return false;
  }
  return true;
}

bool RawSocket::AwaitResponses(size_t count, absl::Duration patience) {
  const auto until = After(patience);
  while (Responses() < count) {
    if (ended_ || broken_ || !Read(absl::Milliseconds(MillisecondsUntil(until)))) return false;
  }
  return true;
}

void RawSocket::Reset() {
  const linger at_once{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(std::exchange(descriptor_, -1));
  broken_ = true;
}

dialtone1::WireError RawSocket::Goaway() const {
  dialtone1::WireError error;
  VisitFrames(received_, [&](const Frame& frame) {
    dialtone1::GoawayInfo info;
    if (frame.type() != FrameType::kGoaway || !ReadGoaway(frame, info)) return;
    error.reason = info.reason;
    error.text = std::string(info.text);
  });
  return error;
}

size_t RawSocket::Responses() const {
  size_t count = 0;
  VisitFrames(received_, [&](const Frame& frame) {
    count += frame.type() == FrameType::kResponse && frame.has(dialtone1::kFlagEnd);
  });
  return count;
}

std::vector<RawSocket> Connect(const Address& server, size_t count, int receive_buffer) {
  std::vector<RawSocket> sockets;
  sockets.reserve(count);
  while (sockets.size() < count) sockets.emplace_back(server, receive_buffer);
  return sockets;
}

std::string Hello() {
  std::string bytes(dialtone1::kPreface);
  dialtone1::AppendSettingsFrame(dialtone1::Settings(), bytes);
  return bytes;
}

std::string RequestFor(uint32_t stream, std::string_view path, std::string_view text) {
  DIALTONE_CHECK(text.size() < 128, "a text whose length takes one byte");
  std::string metadata;
  dialtone1::AppendPair(metadata, dialtone1::kPathKey, path);
  dialtone1::FrameHeader header = dialtone1::MakeHeader(
      FrameType::kRequest, dialtone1::kFlagMessage | dialtone1::kFlagEnd, stream, 0);
  header.meta_length = static_cast<uint16_t>(metadata.size());
  header.length = static_cast<uint32_t>(metadata.size() + 2 + text.size());
  std::string bytes;
  AppendHeader(header, bytes);
  bytes.append(metadata).append(1, '\x0A').append(1, static_cast<char>(text.size())).append(text);
  return bytes;
}

}  // namespace dialtone::faults
