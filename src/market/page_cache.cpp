#include "market/page_cache.hpp"

namespace iapp::market {
namespace {

constexpr std::size_t kMostBodies = 256;
constexpr std::size_t kLargestBody = 64U << 10U;

}  // namespace

std::optional<std::string> PageCache::find(const std::string& target, const BookVersion& version)
{
    const std::lock_guard lock(mutex_);
    if (version_ != version) return std::nullopt;
    const auto at = bodies_.find(target);
    return at == bodies_.end() ? std::nullopt : std::optional(at->second);
}

void PageCache::put(const std::string& target, const BookVersion& version, const std::string& body)
{
    if (body.size() > kLargestBody) return;
    const std::lock_guard lock(mutex_);
    if (version_ != version || bodies_.size() >= kMostBodies) bodies_.clear();
    version_ = version;
    bodies_.insert_or_assign(target, body);
}

}  // namespace iapp::market
