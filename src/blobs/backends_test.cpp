// What every back end promises, over each of them: a directory, an IPFS node's RPC (a second blob service of ours stands in
// for the node), and an S3-like server that verifies signatures by its own code.
#include <atomic>
#include <fstream>
#include <thread>

#include "blobs/kubo_store.hpp"
#include "blobs/s3_store.hpp"
#include "crypto/hash.hpp"
#include "support/blobs_world.hpp"
#include "support/s3_world.hpp"

namespace iapp::blobs {
namespace {

constexpr internal::Patience kShort{.attempts = 4, .first_pause = 5ms, .longest_pause = 20ms, .attempt_timeout = 30'000ms};
constexpr internal::Patience kHasty{.attempts = 10, .first_pause = 5ms, .longest_pause = 20ms, .attempt_timeout = 1'500ms};

/// One back end with its faults. Kinds of faults: slow_down, internal, hang, wrong_bytes.
class Backend {
public:
    virtual ~Backend() = default;
    virtual std::unique_ptr<BlockStore> store(const internal::Patience& patience = kShort) = 0;
    virtual std::unique_ptr<BlockStore> store_that_is_away() = 0;
    virtual void fail_next(const std::string& kind, int count) = 0;
    virtual int requests() = 0;

    net::HttpClient http{};
};

class DirectoryBackend final : public Backend {
public:
    explicit DirectoryBackend(fs::path directory) : directory_(std::move(directory)) {}
    std::unique_ptr<BlockStore> store(const internal::Patience&) override
    {
        return std::make_unique<DirectoryStore>(*DirectoryStore::open(directory_));
    }
    std::unique_ptr<BlockStore> store_that_is_away() override { return nullptr; }
    void fail_next(const std::string& kind, int) override
    {
        if (kind != "wrong_bytes") return;
        for (const auto& entry : fs::recursive_directory_iterator(directory_ / "blocks"))
            if (entry.is_regular_file()) std::ofstream(entry.path(), std::ios::in | std::ios::out).write("X", 1);
    }
    int requests() override { return 0; }

private:
    fs::path directory_;
};

/// The node is our own RPC over a directory; a front passes requests on or lets them fail.
class KuboBackend final : public Backend {
public:
    explicit KuboBackend(const fs::path& directory) : blocks_(*DirectoryStore::open(directory))
    {
        add_rpc_routes(node_, blocks_);
        const auto pass = [this](const net::Request& request, const net::CallContext& context) {
            return answer(request, context);
        };
        front_.route("POST", "/api/v0/{command...}", pass, {.max_body_bytes = 4U << 20U, .timeout = {}});
        EXPECT_TRUE(node_.start() && front_.start());
    }
    ~KuboBackend() override
    {
        front_.stop();
        node_.stop();
    }
    std::unique_ptr<BlockStore> store(const internal::Patience& patience) override
    {
        return std::make_unique<KuboStore>(http, front_.origin() + "/", patience);
    }
    std::unique_ptr<BlockStore> store_that_is_away() override
    {
        return std::make_unique<KuboStore>(http, "http://127.0.0.1:1", kShort);
    }
    void fail_next(const std::string& kind, int count) override
    {
        fault_ = kind;
        left_ = count;
    }
    int requests() override { return count_; }

private:
    net::Response answer(const net::Request& request, const net::CallContext& context)
    {
        ++count_;
        const bool fails = left_ > 0 && left_-- > 0;
        if (fails && fault_ == "slow_down") return net::text_response(503, "busy");
        if (fails && fault_ == "internal") return net::json_response(500, R"({"Message":"disk","Code":0,"Type":"error"})");
        if (fails && fault_ == "hang") std::this_thread::sleep_for(3s);
        net::Request on;
        on.method = "POST";
        on.target = node_.origin() + request.target;
        if (const auto type = request.headers.find("content-type")) on.headers.set("Content-Type", *type);
        on.body = request.body;
        net::Response response = *http.send(on, context);
        if (fails && fault_ == "wrong_bytes") response.body.back() = static_cast<char>(response.body.back() ^ 1);
        response.headers.erase("content-length");
        return response;
    }

    DirectoryStore blocks_;
    net::HttpServer node_;
    net::HttpServer front_{{.threads = 16}};
    std::string fault_;
    std::atomic<int> left_ = 0;
    std::atomic<int> count_ = 0;
};

class S3Backend final : public Backend {
public:
    /// Each back end begins empty.
    S3Options options(const std::string& origin) const
    {
        return {origin, test::S3Server::kRegion, test::S3Server::kBucket, "blocks/" + std::to_string(number_) + "/", true};
    }
    static S3Credentials credentials()
    {
        return {test::S3Server::kAccessKey, crypto::SecretBytes::copy_of(as_bytes(test::S3Server::kSecretKey)), ""};
    }
    std::unique_ptr<BlockStore> store(const internal::Patience& patience) override
    {
        return make(options(server.origin()), patience);
    }
    std::unique_ptr<BlockStore> store_that_is_away() override { return make(options("http://127.0.0.1:1"), kShort); }
    std::unique_ptr<BlockStore> make(const S3Options& options, const internal::Patience& patience) const
    {
        auto store = S3Store::make(http, options, credentials(), system_clock(), patience);
        EXPECT_TRUE(store) << store.error().detail;
        return std::make_unique<S3Store>(*std::move(store));
    }
    void fail_next(const std::string& kind, int count) override { server.fail_next(kind, count); }
    int requests() override { return server.requests(); }

    test::S3Server& server = test::S3Server::shared();

private:
    static inline std::atomic<int> count_ = 0;
    const int number_ = ++count_;
};

class Backends : public testing::TestWithParam<std::string_view> {
protected:
    Backends()
    {
        std::string name = fs::temp_directory_path() / "iapp-backend-XXXXXX";
        directory = ::mkdtemp(name.data());
        if (GetParam() == "directory") backend = std::make_unique<DirectoryBackend>(directory / "store");
        if (GetParam() == "ipfs") backend = std::make_unique<KuboBackend>(directory / "node");
        if (GetParam() == "s3") backend = std::make_unique<S3Backend>();
        store = backend->store();
    }
    ~Backends() override
    {
        store.reset();
        backend.reset();
        fs::remove_all(directory);
    }

    fs::path directory;
    std::unique_ptr<Backend> backend;
    std::unique_ptr<BlockStore> store;
};
const auto kNames = [](const auto& test) { return std::string(test.param); };
INSTANTIATE_TEST_SUITE_P(Each, Backends, testing::Values("directory", "ipfs", "s3"), kNames);

TEST_P(Backends, GiveBackWhatWasPut)
{
    for (const std::size_t size : {0UL, 1UL, 1'000UL, 262'158UL, 2UL << 20U}) {
        const Bytes block = pattern(size);
        const Hash256 hash = crypto::sha256(block);
        EXPECT_EQ(reason(store->get(hash, call())), "blobs.not_found") << size;
        const Status put = store->put(hash, block, call());
        ASSERT_TRUE(put) << size << ": " << put.error().detail;
        ASSERT_TRUE(store->put(hash, block, call()));
        const auto back = store->get(hash, call());
        ASSERT_TRUE(back) << size << ": " << back.error().detail;
        EXPECT_TRUE(*back == block) << size;
    }
}

TEST_P(Backends, RefuseBytesOfAnotherName)
{
    const Bytes block = pattern(1'000);
    const Hash256 hash = crypto::sha256(block);
    ASSERT_TRUE(store->put(hash, block, call()));
    backend->fail_next("wrong_bytes", 1);
    EXPECT_EQ(reason(store->get(hash, call())), "blobs.block_hash");
    ASSERT_TRUE(store->put(hash, block, call()));
    EXPECT_TRUE(store->get(hash, call()));
}

TEST_P(Backends, KeepAllBlocksOfABatch)
{
    const auto context = call();
    std::vector<Hash256> hashes;
    const auto batch = store->start_batch(context);
    for (std::size_t i = 0; i < 150; ++i) {
        const Bytes block = pattern(i);
        hashes.push_back(crypto::sha256(block));
        for (int twice = 0; twice < 2; ++twice) {
            const Status added = batch->add(hashes.back(), block);
            ASSERT_TRUE(added) << added.error().detail;
        }
    }
    ASSERT_TRUE(batch->commit());
    for (const Hash256& hash : hashes) EXPECT_TRUE(store->get(hash, context));
}

TEST_P(Backends, ServeFilesThroughTheService)
{
    net::HttpServer rpc;
    net::HttpServer gateway;
    add_rpc_routes(rpc, *store);
    add_gateway_routes(gateway, *store);
    ASSERT_TRUE(rpc.start() && gateway.start());
    const BlobClient client(backend->http, rpc.origin(), gateway.origin());
    const Bytes content = pattern(5'000'000);
    const auto cid = client.add(content, call());
    ASSERT_TRUE(cid) << cid.error().detail;
    const auto back = client.fetch_bytes(*cid, content.size(), call());
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_TRUE(*back == content);
    const auto whole = backend->http.get(gateway.origin() + "/ipfs/" + *cid, net::deadline_in(60s));
    EXPECT_TRUE(as_bytes(whole->body).size() == content.size() && std::ranges::equal(as_bytes(whole->body), content));
    const auto missing =
        backend->http.get(gateway.origin() + "/ipfs/QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX", net::deadline_in(60s));
    EXPECT_EQ(missing->status, 404);
    backend->fail_next("wrong_bytes", 1);
    EXPECT_FALSE(client.fetch_bytes(*cid, content.size(), call()));
}

// ---- what only a store at the end of a network does ------------------------------------------------------------

class RemoteBackends : public Backends {};
INSTANTIATE_TEST_SUITE_P(Each, RemoteBackends, testing::Values("ipfs", "s3"), kNames);

TEST_P(RemoteBackends, AreAskedAgainWhenTheyAreBusy)
{
    const Bytes block = pattern(1'000);
    const Hash256 hash = crypto::sha256(block);
    const int before = backend->requests();
    for (const char* kind : {"slow_down", "internal"}) {
        backend->fail_next(kind, 3);
        const Status put = store->put(hash, block, call());
        EXPECT_TRUE(put) << kind << put.error().detail;
        backend->fail_next(kind, 3);
        EXPECT_TRUE(store->get(hash, call())) << kind;
    }
    EXPECT_EQ(backend->requests() - before, 16);
}

TEST_P(RemoteBackends, ThatStayBusyAreAnOutage)
{
    const Bytes block = pattern(1'000);
    const Hash256 hash = crypto::sha256(block);
    ASSERT_TRUE(store->put(hash, block, call()));
    backend->fail_next("slow_down", 4);
    EXPECT_EQ(reason(store->get(hash, call())), "blobs.read");
    backend->fail_next("slow_down", 4);
    EXPECT_EQ(reason(store->put(hash, block, call())), "blobs.write");
    EXPECT_TRUE(store->get(hash, call()));
}

TEST_P(RemoteBackends, ThatHangAreLeftAndAskedAgain)
{
    const Bytes block = pattern(1'000);
    const Hash256 hash = crypto::sha256(block);
    backend->fail_next("hang", 1);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(backend->store(kHasty)->put(hash, block, call()));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, kHasty.attempt_timeout);
}

TEST_P(RemoteBackends, ThatAreAwayAreNamedAndNeverWaitedForTooLong)
{
    const auto away = backend->store_that_is_away();
    const Bytes block = pattern(10);
    const Hash256 hash = crypto::sha256(block);
    EXPECT_EQ(reason(away->put(hash, block, call())), "blobs.store_away");
    EXPECT_EQ(reason(away->get(hash, call())), "blobs.store_away");
    const net::CallContext late{"", net::deadline_in(0ms), {}};
    EXPECT_EQ(reason(away->get(hash, late)), "net.deadline");
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(reason(away->get(hash, {"", net::deadline_in(60s), stop.get_token()})), "net.cancelled");
}

TEST_P(RemoteBackends, TellTheClientOfTheServiceThatTheyAreAway)
{
    const auto away = backend->store_that_is_away();
    net::HttpServer gateway;
    add_gateway_routes(gateway, *away);
    ASSERT_TRUE(gateway.start());
    const auto answer =
        backend->http.get(gateway.origin() + "/ipfs/QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX", net::deadline_in(60s));
    EXPECT_EQ(answer->status, 503);
}

}  // namespace
}  // namespace iapp::blobs
