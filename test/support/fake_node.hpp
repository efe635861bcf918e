#pragma once
// A JSON-RPC node made of a function: (method, params) -> JSON text of the result, or of an error object behind "!".
#include <gtest/gtest.h>

#include <functional>
#include <mutex>

#include "chain/rpc.hpp"
#include "codec/json.hpp"
#include "net/server.hpp"

namespace iapp::support {

class FakeNode {
public:
    using Answer = std::function<std::string(std::string_view method, std::string_view params)>;

    explicit FakeNode(Answer answer) : answer_(std::move(answer))
    {
        server_.route("POST", "/", [this](const net::Request& request, const net::CallContext&) {
            const std::lock_guard lock(mutex_);
            const json::Value body = json::parse(request.body).value();
            if (!body.is_array()) return net::json_response(200, reply(body));
            std::string out;
            for (const json::Value& call : body.get_array()) out += (out.empty() ? "[" : ",") + reply(call);
            return net::json_response(200, out + "]");
        });
        EXPECT_TRUE(server_.start());
    }

    std::string url() const { return server_.origin(); }
    chain::JsonRpcClient client() const { return chain::JsonRpcClient(http_, {.url = server_.origin()}); }

private:
    std::string reply(const json::Value& call) const
    {
        const json::Object& object = call.as_object();
        const std::string text =
            answer_(std::string_view(object.at("method").as_string()), json::print(object.at("params")));
        const bool error = text.starts_with('!');
        return R"({"jsonrpc":"2.0","id":)" + json::print(object.at("id")) + (error ? R"(,"error":)" : R"(,"result":)") +
               text.substr(error ? 1 : 0) + '}';
    }

    net::HttpClient http_;
    net::HttpServer server_;
    std::mutex mutex_;
    Answer answer_;
};

/// A block as the fakes tell it: number and hash are all that matters.
inline std::string fake_block(std::uint64_t number, char digit)
{
    const std::string hash = "\"0x" + std::string(64, digit) + '"';
    return R"({"number":")" + chain::U256{number}.to_hex() + R"(","hash":)" + hash + R"(,"parentHash":)" + hash +
           R"(,"timestamp":"0x64","baseFeePerGas":"0x7"})";
}

}  // namespace iapp::support
