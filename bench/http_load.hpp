#pragma once
// Load for a server: many kept-alive connections, one request under way on each, every answer checked. Cheap enough not to
// matter, the same for every server it meets.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace iapp::bench {

/// Bytes of a whole answer with status 200, or 0 while some are missing.
inline std::size_t answer_size(std::string_view text)
{
    const std::size_t head = text.find("\r\n\r\n");
    if (head == text.npos) return 0;
    const std::size_t field = text.find("Content-Length: ");
    if (!text.starts_with("HTTP/1.1 200") || field > head) {
        std::fprintf(stderr, "unexpected answer: %.*s\n", int(text.size()), text.data());
        std::abort();
    }
    std::size_t body = 0;
    std::from_chars(text.data() + field + 16, text.data() + head, body);
    return text.size() >= head + 4 + body ? head + 4 + body : 0;
}

class HttpLoad {
public:
    HttpLoad(std::uint16_t port, int connections) : poll_(::epoll_create1(EPOLL_CLOEXEC)), inputs_(std::size_t(connections))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < connections; ++i) {
            const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const int one = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
            epoll_event event{EPOLLIN, {.u32 = std::uint32_t(i)}};
            ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
            sockets_.push_back(fd);
        }
    }
    HttpLoad(HttpLoad&&) = delete;
    ~HttpLoad()
    {
        for (const int fd : sockets_) ::close(fd);
        ::close(poll_);
    }

    /// Sends `count` requests, taking turns in `requests` (whole messages). Answers must be `size` bytes of body at least.
    void run(const std::vector<std::string>& requests, int count, std::size_t size)
    {
        int sent = 0, done = 0;
        const auto send_next = [&](std::size_t connection) {
            if (sent == count) return;
            const std::string& text = requests[std::size_t(sent++) % requests.size()];
            if (::send(sockets_[connection], text.data(), text.size(), MSG_NOSIGNAL) != ssize_t(text.size())) std::abort();
        };
        for (std::size_t i = 0; i < sockets_.size(); ++i) send_next(i);
        std::vector<epoll_event> events(sockets_.size());
        while (done < count) {
            const int ready = ::epoll_wait(poll_, events.data(), int(events.size()), 10'000);
            if (ready <= 0) std::abort();
            for (int i = 0; i < ready; ++i) {
                const std::size_t connection = events[std::size_t(i)].data.u32;
                if (!receive(connection, size)) continue;
                ++done;
                send_next(connection);
            }
        }
    }

private:
    bool receive(std::size_t connection, std::size_t size)
    {
        std::string& input = inputs_[connection];
        char buffer[32 * 1024];
        const ssize_t count = ::recv(sockets_[connection], buffer, sizeof buffer, 0);
        if (count <= 0) std::abort();
        input.append(buffer, std::size_t(count));
        const std::size_t whole = answer_size(input);
        if (whole == 0) return false;
        if (whole != input.size() || whole < size) std::abort();
        input.clear();
        return true;
    }

    int poll_;
    std::vector<int> sockets_;
    std::vector<std::string> inputs_;
};

}  // namespace iapp::bench
