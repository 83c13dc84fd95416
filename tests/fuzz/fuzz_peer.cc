#include "fuzz_peer.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "dialtone/transport/check.h"
#include "frame_writer.h"
#include "metadata_block.h"
#include "preface.h"

namespace dialtone::fuzz {

using dialtone1::Frame;
using dialtone1::FrameReader;
using dialtone1::FrameType;
using dialtone1::Role;

namespace {

constexpr size_t kUnsentBytesMax = 4 * 1024 * 1024;
// More slices than this of one piece show nothing new, and take time.
constexpr size_t kSlicesMax = 64;
// Longer than a byte is on its way: what is sent before and after it arrives apart.
constexpr absl::Duration kApart = absl::Milliseconds(1);

void CheckMetadata(const Frame& frame) {
  dialtone1::MetadataReader reader(frame.metadata, PlaceOf(frame.header));
  while (reader.Next()) {
  }
  DIALTONE_CHECK(!reader.failed(), "metadata that its own reader refuses were sent");
}

}  // namespace

// --- SaidFrames ---

void SaidFrames::Take(std::string_view bytes) {
  while (!bytes.empty() && preface_bytes_ < dialtone1::kPrefaceBytes) {
    DIALTONE_CHECK(bytes.front() == dialtone1::kPreface[preface_bytes_], "not the preface");
    ++preface_bytes_;
    bytes.remove_prefix(1);
  }
  if (bytes.empty()) return;
  reader_.Feed(bytes);
  Frame frame;
  FrameReader::Result result;
  while ((result = reader_.Next(frame)) == FrameReader::Result::kFrame) TakeFrame(frame);
  DIALTONE_CHECK(result == FrameReader::Result::kNeedMore, "a frame that is not legal was sent");
}

void SaidFrames::TakeFrame(const Frame& frame) {
  if (!frame.metadata.empty()) CheckMetadata(frame);
  switch (frame.type()) {
    case FrameType::kSettings: {
      dialtone1::Settings settings;
      DIALTONE_CHECK(!DecodeSettings(frame.message, settings).has_value(), "SETTINGS");
      return;
    }
    case FrameType::kGoaway: {
      dialtone1::GoawayInfo info;
      DIALTONE_CHECK(ReadGoaway(frame, info), "GOAWAY");
      DIALTONE_CHECK(info.reason != dialtone1::GoawayReason::kInternal, "GOAWAY with INTERNAL");
      return;
    }
    case FrameType::kPing:
    case FrameType::kWindow:
      return;
    default:
      return speaker_ == Role::kServer ? TakeAsServer(frame) : TakeAsClient(frame);
  }
}

void SaidFrames::TakePiece(Said& said, const Frame& frame) {
  dialtone1::AssembledMessage message;
  const auto result = said.message.Add(frame, std::numeric_limits<uint32_t>::max(), message);
  DIALTONE_CHECK(result != dialtone1::MessageAssembler::Result::kError,
                 "pieces that make no message were sent");
}

void SaidFrames::TakeAsServer(const Frame& frame) {
  DIALTONE_CHECK(frame.type() == FrameType::kResponse || frame.type() == FrameType::kData,
                 "a server sent what only clients may");
  Said& said = streams_[frame.header.stream];
  DIALTONE_CHECK(!said.ended, "a server said something behind the end of a stream");
  TakePiece(said, frame);
  if (frame.type() == FrameType::kData) {
    DIALTONE_CHECK(!frame.has(dialtone1::kFlagEnd), "a server ended a stream with DATA");
    return;
  }
  if (frame.has(dialtone1::kFlagEnd)) {
    said.ended = true;
  } else {
    DIALTONE_CHECK(!std::exchange(said.headers, true), "initial metadata twice");
  }
}

void SaidFrames::TakeAsClient(const Frame& frame) {
  DIALTONE_CHECK(frame.type() != FrameType::kResponse, "a client sent a RESPONSE");
  const uint32_t stream = frame.header.stream;
  if (frame.type() == FrameType::kRequest) {
    DIALTONE_CHECK(stream > last_request_, "a stream's number is not above the last");
    last_request_ = stream;
  } else {
    DIALTONE_CHECK(streams_.contains(stream), "a frame of a stream that was not opened");
  }
  Said& said = streams_[stream];
  DIALTONE_CHECK(!said.cancelled, "a client said something behind CANCEL");
  if (frame.type() == FrameType::kCancel) {
    said.cancelled = true;
    return;
  }
  DIALTONE_CHECK(!said.ended, "a client said something behind END");
  TakePiece(said, frame);
  said.ended = frame.has(dialtone1::kFlagEnd);
  DIALTONE_CHECK(!said.ended || !said.message.incomplete(), "END inside of a message");
}

// --- FuzzPeer ---

FuzzPeer::FuzzPeer(SimNetwork& network, Loop& loop, Role role)
    : network_(network),
      loop_(loop),
      other_(role == Role::kClient ? Role::kServer : Role::kClient) {
  if (role == Role::kClient) return;
  network_.RunOn(loop_, [&] {
    auto listener = network_.Listen(loop_, *Address::Parse("127.0.0.1:0"), ListenOptions(), *this);
    DIALTONE_CHECK(listener.ok());
    listener_ = *std::move(listener);
  });
}

FuzzPeer::~FuzzPeer() {
  network_.RunOn(loop_, [&] {
    stream_.reset();
    listener_.reset();
  });
}

void FuzzPeer::Take(std::unique_ptr<ByteStream> stream, bool connected) {
  stream_ = std::move(stream);
  connected_ = connected;
  broken_ = ending_ = false;
  unsent_.clear();
  said_ = std::make_unique<SaidFrames>(other_);
}

void FuzzPeer::Connect(const Address& server) {
  network_.RunOn(loop_, [&] { Take(loop_.Connect(server, ConnectOptions(), *this), false); });
}

void FuzzPeer::Send(std::string_view bytes) {
  for (size_t slices = 0; slice_ != 0 && slices < kSlicesMax && !bytes.empty(); ++slices) {
    const std::string_view slice = bytes.substr(0, slice_);
    bytes.remove_prefix(slice.size());
    network_.RunOn(loop_, [&] {
      unsent_.append(slice);
      OnWritable();
    });
    network_.RunFor(kApart);
  }
  if (bytes.empty()) return;
  network_.RunOn(loop_, [&] {
    if (unsent_.size() < kUnsentBytesMax) unsent_.append(bytes);
    OnWritable();
  });
}

void FuzzPeer::End() {
  network_.RunOn(loop_, [&] {
    ending_ = true;
    OnWritable();
  });
}

void FuzzPeer::Close() {
  network_.RunOn(loop_, [&] { stream_.reset(); });
}

void FuzzPeer::SetReading(bool reading) {
  network_.RunOn(loop_, [&] {
    if (stream_ != nullptr) stream_->SetReading(reading);
  });
}

void FuzzPeer::OnAccept(std::unique_ptr<AcceptedStream> accepted) {
  Take(std::move(*accepted).Adopt(loop_, *this), true);
}

void FuzzPeer::OnConnected(const absl::Status& status) {
  connected_ = status.ok();
  if (connected_) OnWritable();
}

void FuzzPeer::OnReadable() {
  char bytes[16 * 1024];
  const IoResult result = stream_->Read(bytes);
  if (result.state == IoResult::State::kDone) said_->Take({bytes, result.bytes});
  if (result.state == IoResult::State::kFailed) broken_ = true;
}

void FuzzPeer::OnWritable() {
  while (connected() && !broken_ && !unsent_.empty()) {
    const iovec block{unsent_.data(), unsent_.size()};
    const IoResult result = stream_->Write(std::span<const iovec>(&block, 1));
    if (result.state == IoResult::State::kFailed) broken_ = true;
    if (result.state != IoResult::State::kDone) return;
    unsent_.erase(0, result.bytes);
  }
  if (connected() && !broken_ && ending_) {
    ending_ = false;
    stream_->ShutdownWrite();
  }
}

}  // namespace dialtone::fuzz
