/*
 * Names of a network's own. Networks that share a program may come of different versions of Tilewright, so
 * each brings its runtime along, under names that begin with its own: the library of `net` is compiled with
 * -DTW_PREFIX=net_. A program that calls the functions of tilewright.h defines TW_PREFIX, too, or has the
 * runtime compiled without it.
 */
#ifndef TW_NAMES_H
#define TW_NAMES_H

#ifdef TW_PREFIX

#define TW_PASTE(prefix, name) prefix##name
#define TW_JOIN(prefix, name) TW_PASTE(prefix, name)
#define TW_NAME(name) TW_JOIN(TW_PREFIX, name)

#define tw_status_text TW_NAME(tw_status_text)
#define tw_arena_check TW_NAME(tw_arena_check)
#define tw_frame_check TW_NAME(tw_frame_check)
#define tw_inputs_convert TW_NAME(tw_inputs_convert)
#define tw_outputs_convert TW_NAME(tw_outputs_convert)
#define tw_network_run TW_NAME(tw_network_run)
#define tw_layer_run TW_NAME(tw_layer_run)
#define tw_layer_call TW_NAME(tw_layer_call)
#define tw_layer_is_small TW_NAME(tw_layer_is_small)
#define tw_layer_result TW_NAME(tw_layer_result)
#define tw_pool_start TW_NAME(tw_pool_start)
#define tw_pool_stop TW_NAME(tw_pool_stop)
#define tw_pool_running TW_NAME(tw_pool_running)
#define tw_pool_run TW_NAME(tw_pool_run)
#define tw_clock_ns TW_NAME(tw_clock_ns)
#define tw_max_abs_error TW_NAME(tw_max_abs_error)
#define tw_type_bytes TW_NAME(tw_type_bytes)
#define tw_element TW_NAME(tw_element)
#define tw_guard_fill TW_NAME(tw_guard_fill)
#define tw_guard_intact TW_NAME(tw_guard_intact)
#define tw_options_parse TW_NAME(tw_options_parse)
#define tw_session_open TW_NAME(tw_session_open)
#define tw_session_close TW_NAME(tw_session_close)
#define tw_session_guards TW_NAME(tw_session_guards)
#define tw_fill_random TW_NAME(tw_fill_random)
#define tw_fill_random_bytes TW_NAME(tw_fill_random_bytes)
#define tw_fill_random_whole TW_NAME(tw_fill_random_whole)
#define tw_files_open TW_NAME(tw_files_open)
#define tw_files_close TW_NAME(tw_files_close)
#define tw_print_json_string TW_NAME(tw_print_json_string)
#define tw_print_ns TW_NAME(tw_print_ns)
#define tw_reference_kernel TW_NAME(tw_reference_kernel)
#define tw_beside_begin TW_NAME(tw_beside_begin)
#define tw_beside_pause TW_NAME(tw_beside_pause)
#define tw_beside_go_on TW_NAME(tw_beside_go_on)
#define tw_beside_look TW_NAME(tw_beside_look)
#define tw_beside_print TW_NAME(tw_beside_print)
#define tw_cores_parse TW_NAME(tw_cores_parse)
#define tw_cores_tie TW_NAME(tw_cores_tie)
#define tw_command_info TW_NAME(tw_command_info)
#define tw_command_run TW_NAME(tw_command_run)
#define tw_command_bench TW_NAME(tw_command_bench)
#define tw_run_network TW_NAME(tw_run_network)
#define tw_time_layers TW_NAME(tw_time_layers)
#define tw_bench_bursts TW_NAME(tw_bench_bursts)
#define tw_turn_take TW_NAME(tw_turn_take)
#define tw_turn_give TW_NAME(tw_turn_give)
#define tw_command_turns TW_NAME(tw_command_turns)
#define tw_command_race TW_NAME(tw_command_race)
#define tw_runner_main TW_NAME(tw_runner_main)

#endif

#endif
