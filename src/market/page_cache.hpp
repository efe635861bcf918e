#pragma once
// Answers that are still true: bodies by request target, for one version of the book. A client that polls costs a lookup.
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace iapp::market {

/// Equal versions mean equal answers.
struct BookVersion {
    std::int64_t revision;  ///< what the chain changed
    std::uint64_t writes;   ///< what we changed

    friend bool operator==(const BookVersion&, const BookVersion&) = default;
};

/// Safe to share between threads.
class PageCache {
public:
    std::optional<std::string> find(const std::string& target, const BookVersion& version);

    /// `version` as it was before the answer was read.
    void put(const std::string& target, const BookVersion& version, const std::string& body);

private:
    std::mutex mutex_;
    BookVersion version_{-1, 0};
    std::unordered_map<std::string, std::string> bodies_;
};

}  // namespace iapp::market
