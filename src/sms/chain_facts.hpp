#pragma once
// What the secret service needs to know from the chain and from content-addressed storage, as two small interfaces.
// hub_facts.hpp implements them over real nodes; tests implement them as values.
#include <string>

#include "net/call_context.hpp"
#include "poco/deal.hpp"
#include "poco/match.hpp"
#include "poco/order.hpp"
#include "policy/release.hpp"

namespace iapp::sms {

/// One task and its deal, read at one block after every known event up to it was taken in.
struct TaskSituation {
    policy::ChainView view;
    UnixSeconds now{};  ///< chain time: the later of our clock and that block
    std::chrono::seconds category_time{0};
    std::optional<poco::DatasetOrder> dataset_order;  ///< body of the matched dataset order; its hash is not checked yet
};

/// A task and its deal at the head, as the hub answers: what it does not know is all zero.
struct TaskStanding {
    poco::Task task;
    poco::Deal deal;
};

/// One dataset and what the chain says about an order for it in a deal.
struct DatasetSituation {
    std::string name;
    std::string url;                     ///< as the contract stores it, multiaddr printed
    Hash256 checksum = Hash256::zero();  ///< of the encrypted file
    Hash256 order_hash = Hash256::zero();
    poco::SignatureFact signature = poco::SignatureFact::invalid;  ///< by the owner of now
    std::set<std::pair<eth::Address, eth::Address>> members;
    bool closed = false;                      ///< ClosedDatasetOrder was seen
    std::optional<std::string> incompatible;  ///< bulk: why it may not be used in the deal
};

/// Whether an error of ChainFacts says only that nobody answered: nothing was found out, and asking again may help. Of a
/// node's errors a revert alone is an answer, the contract's.
bool is_outage(const Error& error);

/// Two nodes told different stories about one block.
inline constexpr std::string_view kChainDisagrees = "sms.chain_disagrees";

/// Errors of all: outages (see is_outage()); anything else means that the chain's story cannot be believed.
class ChainFacts {
public:
    virtual ~ChainFacts() = default;

    /// owner() of a contract at the head. Errors: also not_found when there is no such contract or function.
    virtual Result<eth::Address> owner_of(const eth::Address& contract, const net::CallContext& context) = 0;

    virtual Result<TaskStanding> standing(const poco::TaskId& task, const net::CallContext& context) = 0;

    virtual Result<TaskSituation> task(const poco::DealId& deal, const poco::TaskId& task,
                                       const net::CallContext& context) = 0;

    /// `is_bulk`: the order was never matched, so the hub is asked whether it fits the deal.
    /// Errors: "sms.dataset", "hub.resource", "rpc.revert" and "net.response_size" are the fault of the dataset or its
    /// order; corrupt "sms.chain_disagrees".
    virtual Result<DatasetSituation> dataset(const poco::DatasetOrder& order, const poco::DealId& deal_id,
                                             const poco::Deal& deal, bool is_bulk, const net::CallContext& context) = 0;
};

class BlobSource {
public:
    virtual ~BlobSource() = default;

    /// A whole file, verified against its CID. Errors: those of blobs::BlobClient::fetch().
    virtual Result<std::string> fetch_text(std::string_view cid, std::uint64_t max_bytes,
                                           const net::CallContext& context) = 0;
};

}  // namespace iapp::sms
