#pragma once
// A TCP client on loopback for what a well-behaved one never sends. Tests only.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace iapp::test {

/// A socket that says exactly what it is told.
class RawClient {
public:
    explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    RawClient(RawClient&&) = delete;
    ~RawClient() { ::close(socket_); }

    void close_sending() const { ::shutdown(socket_, SHUT_WR); }

    bool is_connected() const { return is_connected_; }
    bool send(std::string_view text) const
    {
        return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    }

    /// Sends until the kernel takes no more; does not wait for the server.
    void send_what_fits(std::string_view text) const
    {
        while (!text.empty()) {
            const ssize_t count = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    /// Whether an answer, or its end, is there already.
    bool has_something() const
    {
        pollfd entry{socket_, POLLIN, 0};
        return ::poll(&entry, 1, 0) == 1;
    }

    /// Reads until the server closes, or `enough` is in what came, or 5 s pass.
    std::string receive(std::string_view enough = "\xff\xff") const
    {
        std::string out;
        char buffer[4096];
        pollfd entry{socket_, POLLIN, 0};
        while (!out.contains(enough) && ::poll(&entry, 1, 5'000) == 1) {
            const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
            if (count <= 0) break;
            out.append(buffer, static_cast<std::size_t>(count));
        }
        return out;
    }

private:
    int socket_;
    bool is_connected_ = false;
};

}  // namespace iapp::test
