// The fuzzed side of a connection in the simulated network: sends what the script says, and checks
// that what comes back is legal whatever was sent.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "dialtone/transport/network.h"
#include "frame_reader.h"
#include "message_assembler.h"
#include "settings.h"
#include "stream_state.h"
#include "support/sim_network.h"

namespace dialtone::fuzz {

// What the side under test says on one connection. Aborts at the first byte that it must not say.
class SaidFrames {
 public:
  explicit SaidFrames(dialtone1::Role speaker) : speaker_(speaker) {}
  void Take(std::string_view bytes);

 private:
  struct Said {
    dialtone1::MessageAssembler message;  // its pieces, put together
    bool headers = false;
    bool ended = false;      // by the one who speaks
    bool cancelled = false;  // a client
  };
  void TakeFrame(const dialtone1::Frame& frame);
  static void TakePiece(Said& said, const dialtone1::Frame& frame);
  void TakeAsServer(const dialtone1::Frame& frame);
  void TakeAsClient(const dialtone1::Frame& frame);

  const dialtone1::Role speaker_;
  size_t preface_bytes_ = 0;
  // Nobody announces features here, so a frame that needs one is wrong.
  dialtone1::FrameReader reader_{dialtone1::Settings().accepted_flags()};
  std::map<uint32_t, Said> streams_;
  uint32_t last_request_ = 0;
};

// One at a time: a server's peer connects, and connects again when it is told to; a client's peer
// listens and takes the last connection made.
class FuzzPeer final : private ByteStream::Handler, private Listener::Handler {
 public:
  FuzzPeer(SimNetwork& network, Loop& loop, dialtone1::Role role);
  ~FuzzPeer();

  // As a client: a new connection; the one before is closed.
  void Connect(const Address& server);
  // As a server.
  const Address& address() const { return listener_->address(); }

  void Send(std::string_view bytes);
  // No byte of what follows is sent together with one before it: `bytes` of 0 ends that.
  void SetSlice(size_t bytes) { slice_ = bytes; }
  void End();
  void Close();
  void SetReading(bool reading);
  bool connected() const { return stream_ != nullptr && connected_; }

 private:
  void OnAccept(std::unique_ptr<AcceptedStream> accepted) override;
  void OnConnected(const absl::Status& status) override;
  void OnReadable() override;
  void OnWritable() override;
  void Take(std::unique_ptr<ByteStream> stream, bool connected);

  SimNetwork& network_;
  Loop& loop_;
  const dialtone1::Role other_;
  size_t slice_ = 0;
  bool connected_ = false;
  bool broken_ = false;
  bool ending_ = false;  // shuts down writing behind what is unsent
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<ByteStream> stream_;
  std::string unsent_;
  std::unique_ptr<SaidFrames> said_;
};

}  // namespace dialtone::fuzz
