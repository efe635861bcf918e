#include "net/internal/resolve.hpp"

#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace iapp::net::internal {
namespace {

namespace asio = boost::asio;
using Endpoints = std::vector<asio::ip::tcp::endpoint>;

/// Shared with the look-up's thread, which may outlive the caller's patience.
struct LookUp {
    std::mutex mutex;
    std::condition_variable ready;
    std::optional<Result<Endpoints>> answer;
};

Result<Endpoints> look_up(const std::string& host, std::uint16_t port)
{
    asio::io_context io{1};
    asio::ip::tcp::resolver resolver(io);
    boost::system::error_code error;
    const auto found = resolver.resolve(host, std::to_string(port), asio::ip::resolver_base::numeric_service, error);
    if (error || found.empty())
        return fail(ErrorKind::unavailable, "net.resolve", "host " + host + " has no address: " + error.message());
    Endpoints out;
    for (const auto& entry : found) out.push_back(entry.endpoint());
    return out;
}

}  // namespace

Result<Endpoints> resolve(const std::string& host, std::uint16_t port, Deadline deadline)
{
    boost::system::error_code not_numeric;
    const auto address = asio::ip::make_address(host, not_numeric);
    if (!not_numeric) return Endpoints{{address, port}};

    const auto shared = std::make_shared<LookUp>();
    std::thread([shared, host, port] {
        Result<Endpoints> answer = look_up(host, port);
        const std::lock_guard lock(shared->mutex);
        shared->answer.emplace(std::move(answer));
        shared->ready.notify_one();
    }).detach();

    std::unique_lock lock(shared->mutex);
    if (!shared->ready.wait_for(lock, time_left(deadline), [&] { return shared->answer.has_value(); }))
        return fail(ErrorKind::deadline_exceeded, "net.deadline", "looking up " + host + " took too long");
    return *std::move(shared->answer);
}

}  // namespace iapp::net::internal
