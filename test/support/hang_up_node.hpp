#pragma once
// A way to a JSON-RPC node on which the answer to one request is lost: the node has done it, and the connection is closed.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <string>
#include <thread>

#include "net/client.hpp"

namespace iapp::support {

class HangUpNode {
public:
    /// Closes once, after the first request that contains `word`.
    HangUpNode(std::string node, std::string word) : node_(std::move(node)), word_(std::move(word))
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        (void)::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
        (void)::listen(listener_, 8);
        (void)::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) serve_connection();
        });
    }
    /// The client must be gone: its open connection is served to its end.
    ~HangUpNode()
    {
        thread_.request_stop();
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    HangUpNode(HangUpNode&&) = delete;

    const std::string& url() const { return url_; }
    bool has_hung_up() const { return has_hung_up_; }

private:
    void serve_connection()
    {
        const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer < 0) return;
        for (std::string body = read_body(peer); !body.empty(); body = read_body(peer)) {
            net::Request request{.method = "POST", .target = node_, .headers = {{"Content-Type", "application/json"}}};
            request.body = body;
            const auto answer = http_.send(request, net::deadline_in(std::chrono::seconds(10)));
            if (!answer) break;
            if (body.contains(word_) && !has_hung_up_.exchange(true)) break;
            const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                     std::to_string(answer->body.size()) + "\r\n\r\n";
            const std::string message = head + answer->body;
            if (::send(peer, message.data(), message.size(), MSG_NOSIGNAL) < 0) break;
        }
        ::close(peer);
    }

    /// Empty when the connection has ended.
    static std::string read_body(int peer)
    {
        std::string text;
        char part[4096];
        while (true) {
            const std::size_t head = text.find("\r\n\r\n");
            const std::size_t field = text.find("Content-Length: ");
            std::size_t length = 0;
            if (head != text.npos && field < head) std::from_chars(text.data() + field + 16, text.data() + head, length);
            if (head != text.npos && text.size() >= head + 4 + length) return text.substr(head + 4, length);
            const ssize_t size = ::recv(peer, part, sizeof part, 0);
            if (size <= 0) return {};
            text.append(part, std::size_t(size));
        }
    }

    std::string node_, word_, url_;
    net::HttpClient http_;
    std::atomic<bool> has_hung_up_ = false;
    int listener_ = -1;
    std::jthread thread_;
};

}  // namespace iapp::support
