#pragma once
// The S3-like server of tests as a child process that ends with us.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "net/client.hpp"

namespace iapp::test {

class S3Server {
public:
    static constexpr const char* kAccessKey = "AKTEST";
    static constexpr const char* kSecretKey = "secret/of+the=test";
    static constexpr const char* kRegion = "test-region-1";
    static constexpr const char* kBucket = "bucket.of.blocks";

    /// The one of this test program, with no fault pending. Starting one takes a second.
    static S3Server& shared()
    {
        static S3Server server;
        server.fail_next("none", 0);
        return server;
    }

    S3Server()
    {
        int in[2];
        int out[2];
        EXPECT_EQ(::pipe2(in, O_CLOEXEC), 0);
        EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(in[0], 0);
            ::dup2(out[1], 1);
            ::execlp("python3", "python3", IAPP_S3_SERVER, kAccessKey, kSecretKey, kRegion, kBucket, nullptr);
            ::_exit(127);
        }
        ::close(in[0]);
        ::close(out[1]);
        input_ = in[1];
        std::string line;
        for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) line += c;
        ::close(out[0]);
        EXPECT_FALSE(line.empty()) << "the server did not start";
        origin_ = "http://127.0.0.1:" + line;
    }
    ~S3Server()
    {
        ::close(input_);
        ::waitpid(child_, nullptr, 0);
    }
    S3Server(S3Server&&) = delete;

    const std::string& origin() const { return origin_; }
    void fail_next(const std::string& kind, int count) const
    {
        (void)control("/_fault?kind=" + kind + "&count=" + std::to_string(count));
    }
    int requests() const { return std::stoi(control("/_count")); }

private:
    std::string control(const std::string& path) const
    {
        const net::HttpClient http;
        net::Request request;
        request.method = "POST";
        request.target = origin_ + path;
        return http.send(request, net::deadline_in(std::chrono::seconds(20)))->body;
    }

    pid_t child_;
    int input_;
    std::string origin_;
};

}  // namespace iapp::test
