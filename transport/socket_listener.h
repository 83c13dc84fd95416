// A listening socket under an epoll loop. Internal; the contract is Listener's.
#pragma once

#include <sys/types.h>

#include <memory>

#include "dialtone/transport/network.h"
#include "dialtone/transport/socket.h"
#include "epoll_loop.h"

namespace dialtone {

class SocketListener final : public Listener, private Poller::Watched {
 public:
  static absl::StatusOr<std::unique_ptr<Listener>> Listen(EpollLoop& loop, const Address& address,
                                                          const ListenOptions& options,
                                                          Handler& handler);
  ~SocketListener() override;

  const Address& address() const override { return address_; }
  void AcceptPending() override;

 private:
  // Accepted in one turn, so that others get theirs.
  static constexpr int kAcceptsPerTurn = 64;

  SocketListener(EpollLoop& loop, Socket socket, const Address& address,
                 const ListenOptions& options, Handler& handler);

  absl::Status Watch();
  void OnEvents(uint32_t events) override;
  // Accepts `most` connections at most; this object may be destroyed when it returns.
  void Accept(int most);
  // Stops accepting for a while: what ran out may come back.
  void Rest(const absl::Status& why);
  void OnRested();
  void StopWatching();

  EpollLoop& loop_;
  Handler& handler_;
  Socket socket_;
  const Address address_;
  const ListenOptions options_;
  // Which file is ours, so that another server's at the same path is not removed.
  dev_t path_device_ = 0;
  ino_t path_inode_ = 0;

  bool watched_ = false;
  bool exhaustion_logged_ = false;
  bool* destroyed_ = nullptr;  // set by the destructor, for Accept()
  MemberTimer<&SocketListener::OnRested> rest_timer_{*this};
};

}  // namespace dialtone
