// Method names travel once: the first REQUEST for a method binds its name to a small number, later
// ones send the number alone. One table on each side of a connection.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "codes.h"
#include "dialtone/transport/absl_strings.h"
#include "metadata_block.h"

namespace dialtone::dialtone1 {

// The client's. Keyed by the name's bytes, so it does not matter whose they are.
class ClientMethodTable {
 public:
  struct Use {
    uint32_t id = 0;         // what the REQUEST's argument says
    bool send_path = false;  // the REQUEST must carry ":path"
  };

  // What the next REQUEST for this method says; to be asked only when that REQUEST enters the write
  // buffer. `max_methods` is the peer's, which may have risen.
  Use Next(std::string_view path, uint32_t max_methods) {
    const auto found = ids_.find(ToAbsl(path));
    if (found != ids_.end()) return Use{found->second, false};
    if (ids_.size() >= max_methods) return Use{0, true};
    const uint32_t id = static_cast<uint32_t>(ids_.size()) + 1;
    ids_.emplace(std::string(path), id);
    return Use{id, true};
  }
  size_t size() const { return ids_.size(); }

 private:
  absl::flat_hash_map<std::string, uint32_t> ids_;
};

// The server's: from an id to what the caller knows of the method. A method that the server has not
// is bound, too: `method` is null then, and the name is kept for the answer, as long as those that are kept are few.
//
// A copy shares what is bound, until more is bound in one of them. Not thread-safe, its copies
// included.
template <class Method>
class ServerMethodTable {
 public:
  // Names of methods that the server has not, which a client makes up as it likes.
  static constexpr size_t kUnknownNamesBytesMax = 16 * 1024;

  struct Entry {
    Method* method = nullptr;
    std::string path;  // only when method is null; empty: it was not kept
    bool bound = false;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // Null when nothing is bound to `id`; the connection then ends with METHOD.
  const Entry* Find(uint32_t id) const {
    const size_t index = static_cast<size_t>(id) - 1;  // 0 becomes larger than any size
    return index < size_ && first_[index].bound ? &first_[index] : nullptr;
  }

  // Of a REQUEST with ":path" and an id that is not 0, before the call is judged in any way. Ids
  // may come in any order. The error is what the GOAWAY says.
  [[nodiscard]] std::optional<WireError> Bind(uint32_t id, std::string_view path, Method* method,
                                              uint32_t max_methods) {
    if (id == 0 || id > max_methods) {
      return WireError{GoawayReason::kMethod,
                       absl::StrCat("method id ", id, " for ", ToAbsl(path.substr(0, 128)),
                                    " is not in 1..", max_methods)};
    }
    if (Find(id) != nullptr) {
      return WireError{GoawayReason::kMethod,
                       absl::StrCat("method id ", id, " is bound already; ",
                                    ToAbsl(path.substr(0, 128)), " needs another")};
    }
    if (entries_ == nullptr) {
      entries_ = std::make_shared<std::vector<Entry>>();
    } else if (entries_.use_count() > 1) {
      entries_ = std::make_shared<std::vector<Entry>>(*entries_);
    }
    if (entries_->size() < id) entries_->resize(id);
    first_ = entries_->data();
    size_ = entries_->size();
    Entry& entry = (*entries_)[id - 1];
    entry.method = method;
    entry.bound = true;
    if (method == nullptr && path.size() <= kUnknownNamesBytesMax - unknown_names_bytes_) {
      entry.path.assign(path);
      unknown_names_bytes_ += path.size();
    }
    digest_ ^= absl::HashOf(id, entry.method, entry.path);
    return std::nullopt;
  }

  static WireError Unbound(uint32_t id) {
    return WireError{GoawayReason::kMethod,
                     id == 0 ? "a REQUEST with method id 0 has no :path"
                             : absl::StrCat("method id ", id, " is not bound to a name")};
  }

  // Of copies at once; of others by what is bound.
  friend bool operator==(const ServerMethodTable& a, const ServerMethodTable& b) {
    if (a.entries_ == b.entries_) return true;
    return a.digest_ == b.digest_ &&
           std::equal(a.first_, a.first_ + a.size_, b.first_, b.first_ + b.size_);
  }
  template <class H>
  friend H AbslHashValue(H h, const ServerMethodTable& table) {
    return H::combine(std::move(h), table.digest_);
  }

 private:
  std::shared_ptr<std::vector<Entry>> entries_;  // null: nothing is bound
  const Entry* first_ = nullptr;                 // of them
  size_t size_ = 0;
  size_t digest_ = 0;  // of what is bound, in whatever order
  size_t unknown_names_bytes_ = 0;
};

}  // namespace dialtone::dialtone1
