// Message objects that serve many messages: kept as long as those are alike, and never much larger than the messages
// were, whatever a peer sends.
#include "message_reuse.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dialtone/rpc/internal/reply_type.h"
#include "dialtone/transport/address_sanitizer.h"
#include "pooled_reply.h"
#include "sim_servers.h"
#include "stream_service.h"

namespace dialtone {
namespace {

using internal::kMessageType;
using internal::MessageReuse;
using internal::PooledReply;
// A message of messages, of which an object keeps what it has had.
using Tree = google::protobuf::DescriptorProto;

// Its object keeps a branch for each place that ever had one: a thousand bytes a message at most, but all together are
// kBranches × kBranches messages, each of some two hundred bytes in memory.
constexpr int kBranches = 300;
constexpr size_t kAllTogether = size_t{kBranches} * kBranches * 150;
constexpr size_t kBorne = kAllTogether * 2 / 3;
// Measuring takes longer than parsing.
constexpr int kMeasureEvery = 7;

Tree TreeWithBranchAt(int place) {
  Tree tree;
  for (int i = 0; i <= place; ++i) tree.add_nested_type();
  for (int i = 0; i < kBranches; ++i) tree.mutable_nested_type(place)->add_nested_type();
  return tree;
}

TEST(MessageReuse, WithoutItAnObjectGrowsWithEachMessage) {
  Tree tree;
  for (int i = 0; i < kBranches; ++i)
    ASSERT_TRUE(tree.ParseFromString(TreeWithBranchAt(i).SerializeAsString()));
  EXPECT_GT(tree.SpaceUsedLong(), kAllTogether);
}

TEST(MessageReuse, BoundsWhatAnObjectHolds) {
  Tree tree;
  MessageReuse reuse;
  size_t most = 0;
  for (int i = 0; i < 2 * kBranches; ++i) {
    const std::string bytes = TreeWithBranchAt(i % kBranches).SerializeAsString();
    if (reuse.Pass(bytes.size())) reuse.Bound(kMessageType<Tree>, tree);
    ASSERT_TRUE(tree.ParseFromString(bytes));
    if (i % kMeasureEvery == 0) most = std::max(most, tree.SpaceUsedLong());
    ASSERT_EQ(tree.nested_type_size(), i % kBranches + 1);
  }
  EXPECT_LT(most, kBorne);
}

// Counts how many objects it makes.
int made = 0;
internal::MessageType CountedText() {
  internal::MessageType type = kMessageType<Text>;
  type.construct = [](void* where) {
    ++made;
    return kMessageType<Text>.construct(where);
  };
  made = 0;
  return type;
}

TEST(MessageReuse, KeepsAnObjectThatServesMessagesOfOneKind) {
  const internal::MessageType type = CountedText();
  for (const size_t bytes : {40, 5000, 100'000}) {
    Text text;
    MessageReuse reuse;
    const std::string serialised = MakeText(std::string(bytes, 'x')).SerializeAsString();
    int looks = 0;
    for (int i = 0; i < 5000; ++i) {
      if (reuse.Pass(serialised.size())) {
        reuse.Bound(type, text);
        ++looks;
      }
      ASSERT_TRUE(text.ParseFromString(serialised));
    }
    EXPECT_GE(looks, 2);
    EXPECT_EQ(made, 0) << bytes;
  }
}

TEST(MessageReuse, MakesAnObjectAnewThatCannotTellWhatItHolds) {
  internal::MessageType type = CountedText();
  type.bytes_held = nullptr;
  Text text = MakeText("before");
  MessageReuse reuse;
  while (!reuse.Pass(100)) {
  }
  reuse.Bound(type, text);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(text.value(), "");
}

// --- A server's requests and a client's replies ---

constexpr Method kTreeMethod{"/test.Trees/Tree", MethodKind::kUnary};
constexpr Method kTreesMethod{"/test.Trees/Trees", MethodKind::kBidirectionalStreaming};

// Gives back what it is given, and notes what the objects hold.
class TreeService final : public Service {
 public:
  TreeService() : Service("test.Trees") {
    AddMethod<&TreeService::Answer>(kTreeMethod);
    AddMethod<&TreeService::Chat>(kTreesMethod);
  }
  static inline std::atomic<size_t> most{0};
  static inline std::atomic<size_t> name_room{0};  // of the request that a stream has had last

 private:
  static void Note(const Tree& tree) {
    static std::atomic<int> noted{0};
    if (noted++ % kMeasureEvery == 0) most = std::max<size_t>(most, tree.SpaceUsedLong());
  }

  Task<absl::Status> Answer(ServerCall&, const Tree& request, Tree& reply) {
    Note(request);
    reply = request;
    Note(reply);
    co_return absl::OkStatus();
  }
  Task<absl::Status> Chat(ServerCall&, Reader<Tree>& reader, Writer<Tree>& writer) {
    bool open = true;
    while (const Tree* tree = co_await reader.Read()) {
      Note(*tree);
      name_room = tree->name().capacity();
      open = co_await writer.Write(*tree);
      if (!open) break;
    }
    co_return absl::OkStatus();
  }
};

class ReusedMessages : public testing::Test {
 protected:
  ReusedMessages() : server_(SimServer::With(process_.runtime)) {
    TreeService::most = 0;
    server_.Add(std::make_unique<TreeService>());
    auto bound = server_.Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    channel_ = std::make_unique<Channel>(bound->ToString(), process_.ClientOptions());
    EXPECT_TRUE(server_.Start().ok());
  }

  SimProcess process_;
  Server server_;
  std::unique_ptr<Channel> channel_;
};

TEST_F(ReusedMessages, OfUnaryCallsHoldLittle) {
  for (int i = 0; i < kBranches; ++i) {
    const Tree sent = TreeWithBranchAt(i);
    const absl::StatusOr<Tree> reply =
        Call<Tree>(*channel_, kTreeMethod, sent, CallOptions()).Wait();
    ASSERT_TRUE(reply.ok()) << reply.status();
    ASSERT_EQ(reply->ByteSizeLong(), sent.ByteSizeLong());
  }
  EXPECT_LT(TreeService::most, kBorne);
}

TEST_F(ReusedMessages, OfAStreamHoldLittle) {
  size_t most = 0;
  ClientReaderWriter<Tree, Tree> stream(*channel_, kTreesMethod, CallOptions());
  for (int i = 0; i < kBranches; ++i) {
    const Tree sent = TreeWithBranchAt(i);
    ASSERT_TRUE(stream.Write(sent).Wait());
    const Tree* const got = stream.Read().Wait();
    ASSERT_NE(got, nullptr);
    ASSERT_EQ(got->nested_type_size(), sent.nested_type_size());
    if (i % kMeasureEvery == 0) most = std::max(most, got->SpaceUsedLong());
  }
  stream.HalfClose();
  EXPECT_TRUE(stream.Finish().Wait().ok());
  EXPECT_LT(TreeService::most, kBorne);
  EXPECT_LT(most, kBorne);
}

// It may last, and what its request holds is counted nowhere.
TEST_F(ReusedMessages, OfAStreamAreNotWhatALargerOneHasLeft) {
  for (const size_t bytes : {100'000, 100}) {
    Tree sent;
    sent.set_name(std::string(bytes, 'x'));
    ClientReaderWriter<Tree, Tree> stream(*channel_, kTreesMethod, CallOptions());
    ASSERT_TRUE(stream.Write(sent).Wait());
    ASSERT_NE(stream.Read().Wait(), nullptr);
    EXPECT_GE(TreeService::name_room, bytes);
    EXPECT_LE(TreeService::name_room, 2 * bytes);
    stream.HalfClose();
    EXPECT_TRUE(stream.Finish().Wait().ok());
  }
}

// --- Replies between calls ---

std::atomic<int> replies_made{0};
std::atomic<int> alive{0};
constexpr internal::ReplyType kCountedReply{kMessageType<Text>, internal::kReplyType<Text>.size,
                                            internal::kReplyType<Text>.alignment,
                                            [](void* where) {
                                              ++alive;
                                              ++replies_made;
                                              return internal::kReplyType<Text>.construct(where);
                                            },
                                            [](void* where) {
                                              --alive;
                                              internal::kReplyType<Text>.destroy(where);
                                            }};

PooledReply* Take() { return PooledReply::Take(kCountedReply); }

TEST(PooledReplies, ASmallOneServesTheNextCallOfItsThread) {
  PooledReply* const first = Take();
  PooledReply::Give(first, 100);
  const int made_before = replies_made;
  PooledReply* const second = Take();
  EXPECT_EQ(replies_made - made_before, DIALTONE_ADDRESS_SANITIZED ? 1 : 0);
  auto& result = *static_cast<absl::StatusOr<Text>*>(second->result());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(&*result, &second->message());
  // Another one, while that is taken.
  PooledReply* const third = Take();
  EXPECT_NE(third, second);
  // What was made on one thread is given back on another.
  std::thread([&] {
    PooledReply::Give(second, 100);
    PooledReply::Give(third, 100);
  }).join();
}

TEST(PooledReplies, EachTypeHasItsOwnAndNoMoreThanAFew) {
  PooledReply::Give(Take(), 10);
  PooledReply* const other = PooledReply::Take(internal::kReplyType<Tree>);
  EXPECT_NE(dynamic_cast<Tree*>(&other->message()), nullptr);
  PooledReply::Give(other, 10);
  std::vector<PooledReply*> taken;
  for (int i = 0; i < 1000; ++i) taken.push_back(Take());
  std::sort(taken.begin(), taken.end());
  EXPECT_EQ(std::adjacent_find(taken.begin(), taken.end()), taken.end());
  for (PooledReply* reply : taken) PooledReply::Give(reply, 10);
  for (PooledReply*& reply : taken) reply = Take();
  for (PooledReply* reply : taken) PooledReply::Give(reply, 1 << 20);  // too large
}

// A call can end in the destructor of an object of a thread, behind those of this library.
TEST(PooledReplies, AreMadeAndFreedWhenTheThreadHasEnded) {
  struct Late {
    ~Late() {
      if (reply == nullptr) return;
      PooledReply::Give(reply, 10);
      PooledReply::Give(Take(), 10);
    }
    PooledReply* reply = nullptr;
  };
  const int at_first = alive;
  int before = at_first;
  std::thread([&] {
    thread_local Late late;  // before the pool's own
    late.reply = Take();
    PooledReply::Give(Take(), 10);
    before = alive - before;
  }).join();
  EXPECT_EQ(before, DIALTONE_ADDRESS_SANITIZED ? 1 : 2);
  EXPECT_EQ(alive, at_first);
}

}  // namespace
}  // namespace dialtone
