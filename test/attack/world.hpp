#pragma once
// What an attacker of a key release finds in place: a chain with PoCo, the secret service behind HTTP, a gateway, a
// registry, and one honest task over one granted dataset. Everything is the real thing except the hardware. Tests only.
#include "blobs/directory_store.hpp"
#include "blobs/service.hpp"
#include "localchain/test_chain.hpp"
#include "net/server.hpp"
#include "poco/order.hpp"
#include "simtee/platform.hpp"
#include "sms/service.hpp"
#include "support/oci_builder.hpp"
#include "wire/agent_process.hpp"

namespace iapp::attack {

namespace fs = std::filesystem;

/// The value, or an exception that says why there is none.
template <class T>
T must(Result<T> result)
{
    if (!result) throw std::runtime_error(std::string(result.error().reason) + ": " + result.error().detail);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}
inline void must(const Status& status)
{
    if (!status) throw std::runtime_error(std::string(status.error().reason) + ": " + status.error().detail);
}

/// The machine's time, moved forward at will.
class MovableClock final : public Clock {
public:
    UnixMillis now() const override { return system_clock().now() + ahead_; }
    void advance(std::chrono::seconds by) { ahead_ += by; }

private:
    std::chrono::seconds ahead_{0};
};

/// A matched deal of one task, initialised, and the orders it came from.
struct Task {
    poco::OrderSet orders;
    Hash256 dataset_order = Hash256::zero();  ///< hash
    poco::DealId deal = poco::DealId::zero();
    poco::TaskId id = poco::TaskId::zero();
};

class World {
public:
    World();
    ~World();
    World(World&&) = delete;

    // The parties. The attacker is whoever a test makes one of them.
    const eth::Wallet app_owner = eth::Wallet::generate();
    const eth::Wallet data_owner = eth::Wallet::generate();
    const eth::Wallet pool_owner = eth::Wallet::generate();
    const eth::Wallet requester = eth::Wallet::generate();

    // What they made, in the order they made it.
    std::string image_digest;  ///< "sha256:..", what the app owner registered; the tag v1 points to it
    eth::Address app = eth::Address::zero();
    eth::Address dataset = eth::Address::zero();
    eth::Address pool = eth::Address::zero();
    static constexpr std::string_view kContent = "what the data owner keeps to itself";
    static constexpr std::string_view kSealedFile = "sealed";  ///< the dataset lies at web()/files/sealed

    localchain::TestChain& chain() { return *chain_; }
    const wire::Network& network() const { return *network_; }
    MovableClock clock;

    /// Orders of all four parties, matched and initialised. `bend` may change them before they are signed.
    Task match(const std::function<void(poco::OrderSet&)>& bend = [](poco::OrderSet&) {});

    /// Stores a file and answers its CID.
    std::string store(std::string_view content) const;

    /// Sends a transaction as one of the parties.
    void send_as(const eth::Wallet& sender, const eth::Address& to, Bytes data);

    /// A request to the secret service.
    net::Response ask(std::string_view path, std::string body) const;
    net::Response read(const std::string& path) const;

    /// Starts the secret service again, with another answer to whether a simulated TEE is good enough.
    void restart_sms(bool allow_simulated_tee);

    /// Puts other bytes where the sealed dataset was.
    void replace_sealed_file(std::string bytes) { sealed_file_ = std::move(bytes); }
    const std::string& sealed_file() const { return sealed_file_; }

    /// Builds another image, and lets the tag v1 point to it. Answers its digest; the first image stays.
    std::string move_tag();
    /// What the registry says the tag v1 is now.
    std::string resolve_tag() const;

    fs::path pki() const { return files_.path("pki"); }
    fs::path folder() const { return files_.path(); }
    Hash384 agent_measurement() const { return network_->trust->agent_measurements.at(0); }

    /// What an honest worker tells the agent.
    wire::AgentConfig agent_config(const Task& task) const;

    const net::HttpClient& http() const { return http_; }

private:
    void serve_web();
    void make_network();
    void register_entries();
    void hand_in_key();
    eth::Address create(const eth::Address& registry, Bytes data);
    std::string build_image(const std::string& folder, const std::string& greeting);

    test::TempFolder files_;
    net::HttpClient http_;
    std::unique_ptr<localchain::TestChain> chain_;
    std::optional<wire::Network> network_;
    std::string tag_;  ///< digest behind v1
    std::string sealed_file_;
    Hash256 sealed_checksum_ = Hash256::zero();
    std::string key_text_;
    std::optional<blobs::DirectoryStore> store_;
    std::unique_ptr<net::HttpServer> web_;  ///< gateway, blob API, registry and the host of the sealed file
    std::unique_ptr<sms::Service> service_;
    std::unique_ptr<net::HttpServer> sms_server_;
};

}  // namespace iapp::attack
