;; Loads a model by name, embeds one text, checks the size of the vector and prints the usage.
;; A call that fails ends the program with 10 and its error code.
(module
  (import "wasi_ephemeral_nn" "load_by_name" (func $load (param i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_nn" "init_execution_context" (func $init (param i32 i32) (result i32)))
  (import "wasi_ephemeral_nn" "set_input" (func $set_input (param i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_nn" "compute" (func $compute (param i32) (result i32)))
  (import "wasi_ephemeral_nn" "get_output" (func $get_output (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 1024) "{name}")
  (data (i32.const 2048) "[\"a kettle whistles\"]")
  ;; The tensor: dimensions, type U8, data.
  (data (i32.const 512) "\00\03\00\00\01\00\00\00\03\00\00\00\00\08\00\00\15\00\00\00")
  (data (i32.const 768) "\15\00\00\00")
  ;; At 0 the graph, at 4 the context, at 8 a size; at 16 what is written.
  (func $check (param $code i32)
    (if (local.get $code) (then (call $exit (i32.add (local.get $code) (i32.const 10))))))
  (func (export "_start")
    (call $check (call $load (i32.const 1024) (; name ;) (i32.const 9) (i32.const 0)))
    (call $check (call $init (i32.load (i32.const 0)) (i32.const 4)))
    (call $check (call $set_input (i32.load (i32.const 4)) (i32.const 0) (i32.const 512)))
    (call $check (call $compute (i32.load (i32.const 4))))
    (call $check
      (call $get_output (i32.load (i32.const 4)) (i32.const 0) (i32.const 8192) (i32.const 16384) (i32.const 8)))
    ;; 64 floats
    (if (i32.ne (i32.load (i32.const 8)) (i32.const 256)) (then (call $exit (i32.const 40))))
    (call $check
      (call $get_output (i32.load (i32.const 4)) (i32.const 1) (i32.const 4096) (i32.const 1024) (i32.const 8)))
    (i32.store (i32.const 16) (i32.const 4096))
    (i32.store (i32.const 20) (i32.load (i32.const 8)))
    (call $check (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))))
