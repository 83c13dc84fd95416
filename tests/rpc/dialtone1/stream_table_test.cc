// The table of streams by id, against a map.
#include "stream_table.h"

#include <iterator>
#include <map>
#include <random>

#include "gtest/gtest.h"

namespace dialtone::dialtone1 {
namespace {

TEST(StreamTable, AgreesWithAMapWhateverIdsComeAndGo) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    StreamTable<int> table;
    std::map<uint32_t, int*> model;
    std::vector<int> streams(4000);
    uint32_t id = 1;
    for (size_t step = 0; step < streams.size(); ++step) {
      const bool grow = random() % 100 < (step < streams.size() / 2 ? 60u : 40u);
      if (grow) {
        // Some seeds leave ids out, so that many want the same place.
        id += seed % 2 == 0 ? 2 : 2 * (1 + random() % 3 * 64);
        table.Insert(id, &streams[step]);
        model[id] = &streams[step];
      } else if (!model.empty()) {
        // The newest more often than others: it stands for itself.
        auto at = random() % 3 == 0 ? std::prev(model.end())
                                    : std::next(model.begin(), random() % model.size());
        table.Erase(at->first);
        EXPECT_EQ(table.Find(at->first), nullptr);
        model.erase(at);
      }
      ASSERT_EQ(table.size(), model.size());
      if (model.empty()) {
        table.Shrink();
        continue;
      }
      ASSERT_EQ(table.Find(model.begin()->first), model.begin()->second);
      ASSERT_EQ(table.Find(model.rbegin()->first), model.rbegin()->second);
    }
    for (const auto& [key, stream] : model) ASSERT_EQ(table.Find(key), stream);
    EXPECT_EQ(table.Find(id + 2), nullptr);
    EXPECT_EQ(table.All().size(), model.size());
  }
}

}  // namespace
}  // namespace dialtone::dialtone1
