import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOlder, oldestDriver, parseDriverFile, parseSmi } from '../../../../src/services/cuda/cudaMachine.ts';
import {
  cudaReason,
  isOutOfMemory,
  reasonLine,
  type CudaReasonKind,
} from '../../../../src/services/cuda/cudaReasons.ts';

const call =
  '/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:121 std::conditional_t<THRW, void, ' +
  'onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, ERRTYPE, ' +
  'const char*, const char*, int) [with ERRTYPE = cudaError; bool THRW = true] ';
const load =
  '2025-07-31 15:09:16.647 [E:onnxruntime:Default, provider_bridge_ort.cc:2195 ' +
  'TryGetProviderInfo_CUDA] onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() ' +
  '[ONNXRuntimeError] : 1 : FAIL : Failed to load library ';
const lost = 'cannot open shared object file: No such file or directory';

/**
 * As users reported them (onnxruntime's issue, or another project's), or as recorded on this
 * project's machines.
 */
const recorded: readonly { from: string; message: string; kind: CudaReasonKind; says: RegExp }[] = [
  {
    from: 'recorded',
    message:
      `${load}/tmp/x/libonnxruntime_providers_shared.so with error: ` +
      `/tmp/x/libonnxruntime_providers_shared.so: ${lost}`,
    kind: 'notInstalled',
    says: /--install-cuda/,
  },
  {
    from: '22968',
    message: `${load}libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: ${lost}`,
    kind: 'libraryMissing',
    says: /^libcublasLt\.so\.12 is missing/,
  },
  {
    from: '25609',
    message: `${load}libonnxruntime_providers_cuda.so with error: libcudnn.so.9: ${lost}`,
    kind: 'cudnnMissing',
    says: /^cuDNN 9 is missing/,
  },
  {
    from: 'recorded',
    message: `libcuda.so.1: ${lost}`,
    kind: 'driverMissing',
    says: /driver is not installed/,
  },
  {
    from: 'recorded',
    message: '/x/libcublas.so.12: file too short',
    kind: 'libraryBroken',
    says: /^libcublas\.so\.12 is damaged/,
  },
  {
    from: 'recorded',
    message: '/x/libonnxruntime_providers_cuda.so: invalid ELF header',
    kind: 'libraryBroken',
    says: /--remove-cuda/,
  },
  {
    from: 'onnxruntime/mobius 316',
    message:
      `${call}CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; ` +
      'hostname=c4327188c000000 ; ' +
      'file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=336 ; ' +
      'expr=cudaSetDevice(info_.device_id);',
    kind: 'driverTooOld',
    says: /too old/,
  },
  {
    from: '11561',
    message:
      `${call}CUDA failure 100: no CUDA-capable device is detected ; GPU=32635 ; hostname=5ace ; ` +
      'expr=cudaSetDevice(info_.device_id);',
    kind: 'noGpu',
    says: /CUDA_VISIBLE_DEVICES/,
  },
  {
    from: '22702',
    message:
      "Non-zero status code returned while running Conv node. Name:'/fc1/Conv' Status Message: " +
      '/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* ' +
      'onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*, bool, ' +
      'onnxruntime::WaitNotificationFn) Failed to allocate memory for requested buffer of size 939524096',
    kind: 'outOfMemory',
    says: /too little free memory/,
  },
  {
    from: "CUDA's text",
    message: `${call}CUDA failure 2: out of memory ; GPU=0 ; hostname=x`,
    kind: 'outOfMemory',
    says: /nvidia-smi/,
  },
  {
    from: '17337',
    message:
      `${call}CUDNN failure 1: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=x ; ` +
      'file=cuda_stream_handle.cc ; line=52 ; expr=cudnnCreate(&cudnn_handle_);',
    kind: 'gpuFailed',
    says: /CUDNN failure 1: CUDNN_STATUS_NOT_INITIALIZED/,
  },
  {
    from: '23301',
    message:
      'EP_FAIL : Non-zero status code returned while running Conv node. ' +
      "Name:'/features/features.0/Conv' Status Message: Failed to initialize CUDNN Frontend",
    kind: 'gpuFailed',
    says: /cuDNN could not start/,
  },
  {
    from: '21769',
    message:
      'onnxruntime::ProviderLibrary::Get [ONNXRuntimeError] : 1 : FAIL : LoadLibrary failed with error ' +
      '126 "" when trying to load "C:\\x\\capi\\onnxruntime_providers_cuda.dll"',
    kind: 'libraryMissing',
    says: /onnxruntime_providers_cuda\.dll/,
  },
  {
    from: "CUDA's text",
    message: `${call}CUDA failure 209: no kernel image is available for execution on the device ; GPU=0`,
    kind: 'gpuUnsupported',
    says: /"cpu"/,
  },
  {
    from: "CUDA's text",
    message: `${call}CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=x`,
    kind: 'gpuFailed',
    says: /CUDA failure 700: an illegal memory access was encountered\)/,
  },
  { from: 'made up', message: 'something else\nat line 2', kind: 'unknown', says: /^something else\. / },
];

test('what the loader, CUDA, cuDNN and onnxruntime say becomes one reason with one remedy, in one line', () => {
  for (const { from, message, kind, says } of recorded) {
    const reason = cudaReason(message);
    assert.equal(reason.kind, kind, `${from}: ${message}`);
    assert.match(reasonLine(reason), says, from);
    assert.doesNotMatch(reasonLine(reason), /\n|onnxruntime_src|\{/, from);
  }
});

test('of several causes in one text, the one that the others follow from', () => {
  const text =
    `${load}/x/libonnxruntime_providers_cuda.so with error: libcudnn.so.9: ` +
    `${lost}\nOrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library`;
  assert.equal(cudaReason(text).kind, 'cudnnMissing');
  assert.equal(cudaReason(text).library, 'libcudnn.so.9');
});

test('out of memory is told from other failures', () => {
  assert.equal(isOutOfMemory(new Error('CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0')), true);
  assert.equal(isOutOfMemory(new Error('Got invalid dimensions for input: image')), false);
});

test('nvidia-smi and the kernel name GPUs and driver; other texts name nothing', () => {
  assert.deepEqual(parseSmi('NVIDIA H100 80GB HBM3, 81559, 550.54.15\nTesla T4, 15360, 550.54.15\n'), {
    gpus: [
      { name: 'NVIDIA H100 80GB HBM3', memoryMiB: 81559 },
      { name: 'Tesla T4', memoryMiB: 15360 },
    ],
    driver: '550.54.15',
  });
  assert.deepEqual(parseSmi("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."), {
    gpus: [],
  });
  const closed =
    'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC version: gcc';
  const open = 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (x@y)';
  assert.equal(parseDriverFile(closed), '535.183.01');
  assert.equal(parseDriverFile(open), '580.65.06');
  assert.equal(parseDriverFile(''), undefined);
});

test('driver versions are compared part by part', () => {
  for (const [a, b, older] of [
    ['525.60.12', '525.60.13', true],
    ['525.60.13', '525.60.13', false],
    ['9.1', '10.0', true],
    ['525.60', '525.60.1', true],
    ['580.65.06', '525.60.13', false],
  ] as const)
    assert.equal(isOlder(a, b), older, `${a} < ${b}`);
  assert.equal(oldestDriver(12, 'linux'), '525.60.13');
  assert.equal(oldestDriver(99, 'linux'), undefined);
});
