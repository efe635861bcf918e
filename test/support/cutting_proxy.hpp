#pragma once
// Stands between a PostgreSQL client and its server and cuts the connection at one message: the worst moment, on purpose.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

namespace iapp::test {

/// Once armed, the first message that contains `word` reaches the server (or does not) and its answer never reaches the
/// client.
class CuttingProxy {
public:
    CuttingProxy(std::filesystem::path server, std::string word, bool reaches_server)
        : server_(std::move(server)), word_(std::move(word)), reaches_server_(reaches_server)
    {
        std::string name = "/tmp/iapp-cut-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_un address = address_of(folder_ / server_.filename());
        (void)::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        (void)::listen(listener_, 8);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~CuttingProxy()
    {
        thread_.request_stop();
        thread_.join();
        ::close(listener_);
        std::filesystem::remove_all(folder_);
    }
    CuttingProxy(CuttingProxy&&) = delete;

    const std::filesystem::path& folder() const { return folder_; }
    void arm() { is_armed_ = true; }

private:
    static sockaddr_un address_of(const std::filesystem::path& path)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        return address;
    }

    static bool is_ready(int file, int wait_ms)
    {
        pollfd one{file, POLLIN, 0};
        return ::poll(&one, 1, wait_ms) > 0;
    }

    void serve(const std::stop_token& stop)
    {
        while (!stop.stop_requested()) {
            if (!is_ready(listener_, 50)) continue;
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            const int upstream = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const sockaddr_un address = address_of(server_);
            (void)::connect(upstream, reinterpret_cast<const sockaddr*>(&address), sizeof address);
            while (!stop.stop_requested() && pass(client, upstream)) {
            }
            ::close(client);
            ::close(upstream);
        }
    }

    /// False when the connection is over.
    bool pass(int client, int upstream)
    {
        pollfd files[] = {{client, POLLIN, 0}, {upstream, POLLIN, 0}};
        if (::poll(files, 2, 50) <= 0) return true;
        char buffer[65536];
        for (const int side : {0, 1}) {
            if (files[side].revents == 0) continue;
            const ssize_t count = ::read(files[side].fd, buffer, sizeof buffer);
            if (count <= 0) return false;
            const std::string_view bytes(buffer, static_cast<std::size_t>(count));
            const bool cuts = side == 0 && bytes.contains(word_) && is_armed_.exchange(false);
            if (cuts && !reaches_server_) return false;
            if (::write(files[1 - side].fd, buffer, bytes.size()) != count) return false;
            if (cuts) {
                (void)is_ready(upstream, 2000);  // the server has answered, and nobody will hear it
                return false;
            }
        }
        return true;
    }

    std::filesystem::path server_;
    std::string word_;
    bool reaches_server_;
    std::filesystem::path folder_;
    int listener_ = -1;
    std::atomic<bool> is_armed_ = false;
    std::jthread thread_;
};

}  // namespace iapp::test
