#pragma once
// A block store in a temporary folder with both faces of it on loopback, and a client of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "blobs/client.hpp"
#include "blobs/directory_store.hpp"
#include "blobs/service.hpp"

namespace iapp::blobs {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

inline std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }

inline net::CallContext call() { return {"", net::deadline_in(60s), {}}; }

inline Bytes pattern(std::size_t size)
{
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 7);
    return out;
}

class BlobsTest : public testing::Test {
protected:
    BlobsTest()
    {
        std::string name = fs::temp_directory_path() / "iapp-blobs-XXXXXX";
        directory = ::mkdtemp(name.data());
        store = std::make_unique<DirectoryStore>(*DirectoryStore::open(directory / "store"));
        add_rpc_routes(rpc, *store);
        add_gateway_routes(gateway, *store);
        EXPECT_TRUE(rpc.start() && gateway.start());
        client = std::make_unique<BlobClient>(http, rpc.origin(), gateway.origin() + "/");
    }
    ~BlobsTest() override
    {
        rpc.stop();
        gateway.stop();
        fs::remove_all(directory);
    }

    std::string add(ByteView content) const
    {
        const auto cid = client->add(content, call());
        EXPECT_TRUE(cid) << cid.error().detail;
        return cid.value_or("");
    }

    net::Response get(const std::string& path, net::HeaderMap headers = {}, std::string method = "GET") const
    {
        net::Request request;
        request.method = std::move(method);
        request.target = gateway.origin() + path;
        request.headers = std::move(headers);
        return *http.send(request, call());
    }

    net::Response post(const std::string& path, std::string type = "", std::string body = "") const
    {
        net::Request request;
        request.method = "POST";
        request.target = rpc.origin() + path;
        if (!type.empty()) request.headers.set("Content-Type", type);
        request.body = std::move(body);
        return *http.send(request, call());
    }

    std::vector<fs::path> block_files() const
    {
        std::vector<fs::path> out;
        for (const auto& entry : fs::recursive_directory_iterator(directory / "store" / "blocks"))
            if (entry.is_regular_file()) out.push_back(entry.path());
        return out;
    }

    fs::path directory;
    std::unique_ptr<DirectoryStore> store;
    net::HttpServer rpc{{.cors = true}};
    net::HttpServer gateway{{.cors = true}};
    net::HttpClient http;
    std::unique_ptr<BlobClient> client;
};

}  // namespace iapp::blobs
