#pragma once
// The tables of the index: one per entity of the two subgraphs, one row per entity, one column per stored field.
// Names are those of the subgraphs in snake_case (Task.finalDeadline: task.final_deadline), so that SQL can be made from
// them.
//
// Columns. TEXT: ids, texts, enums; addresses, hashes and bytes as lower hex with 0x. INTEGER: seconds, block numbers,
// counts, truth (0, 1). BLOB: every uint256 and every amount, in nRLC, as encode_number() writes it: byte order is numeric
// order. A reference holds the id of the other row; a derived field has no column, it is the reference seen from the other
// side. A list that is no derived field is a table <entity>_<field> (owner, position, value).
// `block_number` is the block that made the row, in every table.
//
//   both subgraphs   account, app
//   PoCo             protocol, dataset, workerpool, category, app_order, dataset_order, workerpool_order, request_order,
//                    deal, task, contribution, bulk, bulk_slice (bulk_slice_datasets, bulk_slice_dataset_orders)
//   PoCo, events     "transaction", transfer, reward, seize, lock, unlock, accurate_contribution, faulty_contribution,
//                    app_transfer, dataset_transfer, workerpool_transfer, policy_update, scheduler_notice, orders_matched,
//                    task_initialize, task_contribute, task_consensus, task_reveal, task_reopen, task_finalize,
//                    task_claimed, order_signed, order_closed (ours: a signer's acts on chain)
//   DataProtector    protected_data (protected_data_schema), schema_entry, collection, subscription_param,
//                    collection_subscription, rental, rental_param, sale, sale_param, consumption,
//                    add_only_app_whitelist (app_add_only_app_whitelists)
//   PoCo, interfaces account_event, task_event, workerpool_event, deal_event, ressource_transfer_event: views of the events
//                    that have them, with type_name
//   bookkeeping      undo_<table>: earlier versions of rows, for reorganisations; bulk_fetch: what is still to be read
//                    from IPFS; index_scope: of which contracts this index is
#include <span>
#include <string_view>

#include "store/database.hpp"

namespace iapp::index {

/// In the order they were added; kFollowerMigration is one of them.
std::span<const store::Migration> migrations();

/// A table whose rows change after they were made: it has an undo_<table>, the same columns behind undo_block.
struct ChangingTable {
    std::string_view name;
    std::string_view columns;  ///< all, as a SELECT names them
};
std::span<const ChangingTable> changing_tables();

/// Tables whose rows are only added. A reorganisation removes those of blocks that never happened.
std::span<const std::string_view> growing_tables();

}  // namespace iapp::index
