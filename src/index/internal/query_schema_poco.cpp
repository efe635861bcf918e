// The PoCo subgraph. Lists beyond those of the published one are ours: an account's rewards, seizes, locks and unlocks, the
// scheduler notices and policy updates of a workerpool, the notices of a deal, a dataset's usage.
#include "index/internal/query_schema.hpp"
#include "index/query.hpp"

namespace iapp::index {
namespace {

using namespace field;

constexpr std::array kProtocol{id(),
                               rlc("tvl"),
                               integer("appsCount"),
                               integer("datasetsCount"),
                               integer("workerpoolsCount"),
                               integer("categoriesCount"),
                               integer("dealsCount"),
                               integer("tasksCount"),
                               integer("completedTasksCount"),
                               integer("claimedTasksCount")};
constexpr std::array kTransaction{id(),
                                  one("from", "Account"),
                                  maybe(one("to", "Account")),
                                  number("value"),
                                  number("gasLimit"),
                                  number("gasUsed"),
                                  number("gasPrice"),
                                  integer("timestamp"),
                                  integer("blockNumber"),
                                  in_block("accountEvents", "AccountEvent", "transaction"),
                                  in_block("taskEvents", "TaskEvent", "transaction"),
                                  in_block("workerpoolEvents", "WorkerpoolEvent", "transaction"),
                                  in_block("ressourceTransferEvent", "RessourceTransferEvent", "transaction")};
constexpr std::array kAccount{id(),
                              rlc("balance"),
                              rlc("frozen"),
                              integer("score"),
                              many("transfersFrom", "Transfer", "from"),
                              many("transfersTo", "Transfer", "to"),
                              many("events", "AccountEvent", "account"),
                              many("rewards", "Reward", "account"),
                              many("seizes", "Seize", "account"),
                              many("locks", "Lock", "account"),
                              many("unlocks", "Unlock", "account"),
                              many("contributions", "Contribution", "worker"),
                              many("apps", "App", "owner"),
                              many("datasets", "Dataset", "owner"),
                              many("workerpools", "Workerpool", "owner"),
                              many("dealRequester", "Deal", "requester"),
                              many("dealBeneficiary", "Deal", "beneficiary"),
                              many("dealCallback", "Deal", "callback"),
                              many("taskRequester", "Task", "requester"),
                              many("orderRequester", "RequestOrder", "requester"),
                              many("orderBeneficiary", "RequestOrder", "beneficiary"),
                              many("orderCallback", "RequestOrder", "callback"),
                              many("transactions", "Transaction", "from")};

// ---- resources and orders

constexpr std::array kApp{id(),
                          one("owner", "Account"),
                          text("name"),
                          text("type"),
                          bytes("multiaddr"),
                          bytes("checksum"),
                          bytes("mrenclave"),
                          integer("timestamp"),
                          integer("usageCount"),
                          integer("lastUsageTimestamp"),
                          many("usages", "Deal", "app"),
                          many("orders", "AppOrder", "app"),
                          many("transfers", "AppTransfer", "app")};
constexpr std::array kDataset{id(),
                              one("owner", "Account"),
                              text("name"),
                              bytes("multiaddr"),
                              bytes("checksum"),
                              integer("timestamp"),
                              integer("usageCount"),
                              integer("lastUsageTimestamp"),
                              many("usages", "Deal", "dataset"),
                              listed("bulkUsages", "BulkSlice", "bulk_slice_datasets"),
                              many("orders", "DatasetOrder", "dataset"),
                              many("transfers", "DatasetTransfer", "dataset")};
constexpr std::array kWorkerpool{id(),
                                 one("owner", "Account"),
                                 text("description"),
                                 number("workerStakeRatio"),
                                 number("schedulerRewardRatio"),
                                 integer("timestamp"),
                                 integer("usageCount"),
                                 integer("lastUsageTimestamp"),
                                 many("usages", "Deal", "workerpool"),
                                 many("orders", "WorkerpoolOrder", "workerpool"),
                                 many("events", "WorkerpoolEvent", "workerpool"),
                                 many("schedulerNotices", "SchedulerNotice", "workerpool"),
                                 many("policyUpdates", "PolicyUpdate", "workerpool"),
                                 many("transfers", "WorkerpoolTransfer", "workerpool")};
constexpr std::array kAppOrder{id(),
                               maybe(one("app", "App")),
                               rlc("appprice"),
                               maybe(number("volume")),
                               maybe(bytes("tag")),
                               maybe(bytes("datasetrestrict")),
                               maybe(bytes("workerpoolrestrict")),
                               maybe(bytes("requesterrestrict")),
                               maybe(bytes("salt")),
                               maybe(bytes("sign")),
                               many("deals", "Deal", "apporder")};
constexpr std::array kDatasetOrder{id(),
                                   maybe(one("dataset", "Dataset")),
                                   rlc("datasetprice"),
                                   maybe(number("volume")),
                                   maybe(bytes("tag")),
                                   maybe(bytes("apprestrict")),
                                   maybe(bytes("workerpoolrestrict")),
                                   maybe(bytes("requesterrestrict")),
                                   maybe(bytes("salt")),
                                   maybe(bytes("sign")),
                                   many("deals", "Deal", "datasetorder")};
constexpr std::array kWorkerpoolOrder{id(),
                                      maybe(one("workerpool", "Workerpool")),
                                      rlc("workerpoolprice"),
                                      maybe(number("volume")),
                                      maybe(bytes("tag")),
                                      maybe(one("category", "Category")),
                                      maybe(number("trust")),
                                      maybe(bytes("apprestrict")),
                                      maybe(bytes("datasetrestrict")),
                                      maybe(bytes("requesterrestrict")),
                                      maybe(bytes("salt")),
                                      maybe(bytes("sign")),
                                      many("deals", "Deal", "workerpoolorder")};
constexpr std::array kRequestOrder{id(),
                                   one("requester", "Account"),
                                   maybe(one("app", "App")),
                                   maybe(rlc("appmaxprice")),
                                   maybe(one("dataset", "Dataset")),
                                   maybe(rlc("datasetmaxprice")),
                                   maybe(one("workerpool", "Workerpool")),
                                   maybe(rlc("workerpoolmaxprice")),
                                   maybe(number("volume")),
                                   maybe(bytes("tag")),
                                   maybe(one("category", "Category")),
                                   maybe(number("trust")),
                                   maybe(one("beneficiary", "Account")),
                                   maybe(one("callback", "Account")),
                                   maybe(text("params")),
                                   maybe(bytes("salt")),
                                   maybe(bytes("sign")),
                                   many("deals", "Deal", "requestorder")};

// ---- deals and tasks

constexpr std::array kCategory{id(),
                               text("name"),
                               text("description"),
                               number("workClockTimeRef"),
                               integer("timestamp"),
                               many("deals", "Deal", "category")};
constexpr std::array kDeal{id(),
                           many("tasks", "Task", "deal"),
                           one("app", "App"),
                           one("appOwner", "Account"),
                           rlc("appPrice"),
                           maybe(one("dataset", "Dataset")),
                           one("datasetOwner", "Account"),
                           rlc("datasetPrice"),
                           one("workerpool", "Workerpool"),
                           one("workerpoolOwner", "Account"),
                           rlc("workerpoolPrice"),
                           number("trust"),
                           one("category", "Category"),
                           bytes("tag"),
                           one("requester", "Account"),
                           one("beneficiary", "Account"),
                           one("callback", "Account"),
                           text("params"),
                           integer("startTime"),
                           number("botFirst"),
                           number("botSize"),
                           integer("completedTasksCount"),
                           integer("claimedTasksCount"),
                           number("workerStake"),
                           number("schedulerRewardRatio"),
                           one("sponsor", "Account"),
                           integer("timestamp"),
                           maybe(one("apporder", "AppOrder")),
                           maybe(one("datasetorder", "DatasetOrder")),
                           maybe(one("workerpoolorder", "WorkerpoolOrder")),
                           maybe(one("requestorder", "RequestOrder")),
                           maybe(one("bulk", "Bulk")),
                           many("events", "DealEvent", "deal"),
                           many("schedulerNotices", "SchedulerNotice", "deal")};
constexpr std::array kBulk{id(), text("hash"), one("deal", "Deal"), many("slices", "BulkSlice", "bulk")};
constexpr std::array kBulkSlice{id(),
                                one("bulk", "Bulk"),
                                text("hash"),
                                maybe(one("task", "Task")),
                                number("index"),
                                list("datasets", "Dataset", "bulk_slice_datasets"),
                                list("datasetOrders", "DatasetOrder", "bulk_slice_dataset_orders")};
constexpr std::array kTask{id(),
                           enumeration("status"),
                           one("deal", "Deal"),
                           number("index"),
                           one("requester", "Account"),
                           many("contributions", "Contribution", "task"),
                           maybe(bytes("consensus")),
                           maybe(bytes("resultDigest")),
                           maybe(text("results")),
                           maybe(text("resultsCallback")),
                           integer("contributionDeadline"),
                           maybe(integer("revealDeadline")),
                           integer("finalDeadline"),
                           integer("timestamp"),
                           many("rewards", "Reward", "task"),
                           many("seizes", "Seize", "task"),
                           many("events", "TaskEvent", "task"),
                           only("bulkSlice", "BulkSlice", "task")};
constexpr std::array kContribution{
    id(),          enumeration("status"), small("timestamp"), one("task", "Task"), one("worker", "Account"),
    bytes("hash"), bytes("seal"),         bytes("challenge")};

// ---- events: each has an id, a transaction and a time

template <class... More>
constexpr auto event(More... more)
{
    return std::array{id(), one("transaction", "Transaction"), integer("timestamp"), more...};
}
constexpr auto kTransfer = event(one("from", "Account"), one("to", "Account"), rlc("value"));
constexpr auto kPayment = event(one("account", "Account"), rlc("value"), one("task", "Task"));
constexpr auto kLock = event(one("account", "Account"), rlc("value"));
constexpr auto kScored = event(one("account", "Account"), one("contribution", "Contribution"), integer("score"));
constexpr auto kAppTransfer = event(one("app", "App"), one("from", "Account"), one("to", "Account"));
constexpr auto kDatasetTransfer = event(one("dataset", "Dataset"), one("from", "Account"), one("to", "Account"));
constexpr auto kWorkerpoolTransfer = event(one("workerpool", "Workerpool"), one("from", "Account"), one("to", "Account"));
constexpr auto kPolicyUpdate =
    event(one("workerpool", "Workerpool"), number("oldWorkerStakeRatio"), number("newWorkerStakeRatio"),
          number("oldSchedulerRewardRatio"), number("newSchedulerRewardRatio"));
constexpr auto kSchedulerNotice = event(one("workerpool", "Workerpool"), one("deal", "Deal"));
constexpr auto kOrdersMatched = event(one("deal", "Deal"));
constexpr auto kTaskInitialize = event(one("task", "Task"), one("workerpool", "Workerpool"));
constexpr auto kTaskContribute =
    event(one("task", "Task"), one("contribution", "Contribution"), one("worker", "Account"), bytes("hash"));
constexpr auto kTaskConsensus = event(one("task", "Task"), bytes("consensus"));
constexpr auto kTaskReveal =
    event(one("task", "Task"), one("contribution", "Contribution"), one("worker", "Account"), bytes("digest"));
constexpr auto kTaskFinalize = event(one("task", "Task"), bytes("results"));
constexpr auto kTaskEvent = event(one("task", "Task"));

// ---- interfaces: what their events have in common

constexpr auto kAccountEvent = event(one("account", "Account"));
constexpr auto kWorkerpoolEvent = event(one("workerpool", "Workerpool"));
constexpr auto kResourceTransfer = event(one("from", "Account"), one("to", "Account"));
constexpr std::array<std::string_view, 6> kAccountEvents{
    "Reward", "Seize", "Lock", "Unlock", "AccurateContribution", "FaultyContribution"};
constexpr std::array<std::string_view, 7> kTaskEvents{"TaskInitialize", "TaskContribute", "TaskConsensus", "TaskReveal",
                                                      "TaskReopen",     "TaskFinalize",   "TaskClaimed"};
constexpr std::array<std::string_view, 2> kWorkerpoolEvents{"SchedulerNotice", "PolicyUpdate"};
constexpr std::array<std::string_view, 1> kDealEvents{"OrdersMatched"};
constexpr std::array<std::string_view, 3> kResourceTransfers{"AppTransfer", "DatasetTransfer", "WorkerpoolTransfer"};

constexpr std::array kEntities{
    Entity{"Protocol", "protocol", "protocol", "protocols", false, kProtocol},
    Entity{"Transaction", "transaction", "transaction", "transactions", true, kTransaction},
    Entity{"Account", "account", "account", "accounts", true, kAccount},
    Entity{"App", "app", "app", "apps", true, kApp},
    Entity{"Dataset", "dataset", "dataset", "datasets", true, kDataset},
    Entity{"Workerpool", "workerpool", "workerpool", "workerpools", true, kWorkerpool},
    Entity{"AppOrder", "app_order", "appOrder", "appOrders", true, kAppOrder},
    Entity{"DatasetOrder", "dataset_order", "datasetOrder", "datasetOrders", true, kDatasetOrder},
    Entity{"WorkerpoolOrder", "workerpool_order", "workerpoolOrder", "workerpoolOrders", true, kWorkerpoolOrder},
    Entity{"RequestOrder", "request_order", "requestOrder", "requestOrders", true, kRequestOrder},
    Entity{"Category", "category", "category", "categories", false, kCategory},
    Entity{"Deal", "deal", "deal", "deals", true, kDeal},
    Entity{"Bulk", "bulk", "bulk", "bulks", true, kBulk},
    Entity{"BulkSlice", "bulk_slice", "bulkSlice", "bulkSlices", true, kBulkSlice},
    Entity{"Task", "task", "task", "tasks", true, kTask},
    Entity{"Contribution", "contribution", "contribution", "contributions", true, kContribution},
    Entity{"Transfer", "transfer", "transfer", "transfers", false, kTransfer},
    Entity{"Reward", "reward", "reward", "rewards", false, kPayment},
    Entity{"Seize", "seize", "seize", "seizes", false, kPayment},
    Entity{"Lock", "lock", "lock", "locks", false, kLock},
    Entity{"Unlock", "unlock", "unlock", "unlocks", false, kLock},
    Entity{"AccurateContribution", "accurate_contribution", "accurateContribution", "accurateContributions", false, kScored},
    Entity{"FaultyContribution", "faulty_contribution", "faultyContribution", "faultyContributions", false, kScored},
    Entity{"AppTransfer", "app_transfer", "appTransfer", "appTransfers", false, kAppTransfer},
    Entity{"DatasetTransfer", "dataset_transfer", "datasetTransfer", "datasetTransfers", false, kDatasetTransfer},
    Entity{"WorkerpoolTransfer", "workerpool_transfer", "workerpoolTransfer", "workerpoolTransfers", false,
           kWorkerpoolTransfer},
    Entity{"PolicyUpdate", "policy_update", "policyUpdate", "policyUpdates", false, kPolicyUpdate},
    Entity{"SchedulerNotice", "scheduler_notice", "schedulerNotice", "schedulerNotices", false, kSchedulerNotice},
    Entity{"OrdersMatched", "orders_matched", "ordersMatched", "ordersMatcheds", false, kOrdersMatched},
    Entity{"TaskInitialize", "task_initialize", "taskInitialize", "taskInitializes", false, kTaskInitialize},
    Entity{"TaskContribute", "task_contribute", "taskContribute", "taskContributes", false, kTaskContribute},
    Entity{"TaskConsensus", "task_consensus", "taskConsensus", "taskConsensuses", false, kTaskConsensus},
    Entity{"TaskReveal", "task_reveal", "taskReveal", "taskReveals", false, kTaskReveal},
    Entity{"TaskReopen", "task_reopen", "taskReopen", "taskReopens", false, kTaskEvent},
    Entity{"TaskFinalize", "task_finalize", "taskFinalize", "taskFinalizes", false, kTaskFinalize},
    Entity{"TaskClaimed", "task_claimed", "taskClaimed", "taskClaimeds", false, kTaskEvent},
    Entity{"AccountEvent", "account_event", "accountEvent", "accountEvents", false, kAccountEvent, kAccountEvents},
    Entity{"TaskEvent", "task_event", "taskEvent", "taskEvents", false, kTaskEvent, kTaskEvents},
    Entity{"WorkerpoolEvent", "workerpool_event", "workerpoolEvent", "workerpoolEvents", false, kWorkerpoolEvent,
           kWorkerpoolEvents},
    Entity{"DealEvent", "deal_event", "dealEvent", "dealEvents", false, kOrdersMatched, kDealEvents},
    Entity{"RessourceTransferEvent", "ressource_transfer_event", "ressourceTransferEvent", "ressourceTransferEvents", false,
           kResourceTransfer, kResourceTransfers}};

constexpr Subgraph kSubgraph{"poco", kEntities};

}  // namespace

const Subgraph& poco_subgraph() { return kSubgraph; }

}  // namespace iapp::index
