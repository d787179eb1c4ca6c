/** Why CUDA does not work, told from what the loader, CUDA, cuDNN and onnxruntime say. */

export type CudaReasonKind =
  | 'unsupportedPlatform'
  | 'noGpu'
  | 'driverMissing'
  | 'driverTooOld'
  | 'notInstalled'
  | 'cudnnMissing'
  | 'libraryMissing'
  | 'libraryBroken'
  | 'outOfMemory'
  | 'gpuUnsupported'
  | 'gpuFailed'
  | 'unknown';

export interface CudaReason {
  readonly kind: CudaReasonKind;
  /** What is wrong, one clause. */
  readonly text: string;
  /** What the user can do, one sentence. */
  readonly remedy: string;
  /** The library's file name, where one is to blame. */
  readonly library?: string;
}

interface Row {
  readonly kind: CudaReasonKind;
  /** Its group `library`, if any, is the file to blame; `detail` is what is said of it. */
  readonly pattern: RegExp;
  readonly text: string;
  readonly remedy: string;
}

const install = 'Run "nferd doctor --install-cuda" or the command "NFERD: Install CUDA runtime".';
const point =
  'Install it, or point nferd.cuda.libraryPath at a folder that has it; "nferd doctor ' +
  '--install-cuda --with-cuda-libraries" fetches it by pip.';
const oneOf = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join('|'));
const broken = oneOf(
  /file too short|invalid ELF header|wrong ELF class[^\n]*|undefined symbol: \w+/,
  /version [^\n]+ not found|cannot read file data[^\n]*/,
);
const missing = String.raw`cannot open shared object file: No such file`;

/**
 * The first row that matches wins: the particular before the general. `{library}` and `{detail}`
 * are filled from the pattern's groups.
 */
const rows: readonly Row[] = [
  {
    kind: 'notInstalled',
    pattern: new RegExp(String.raw`(?<library>libonnxruntime_providers_(?:shared|cuda)\.so): ${missing}`),
    text: "onnxruntime's CUDA libraries are not installed",
    remedy: install,
  },
  {
    kind: 'driverMissing',
    pattern: /(?<library>libcuda\.so[.\d]*): cannot open|CUDA failure 34\b|stub library/,
    text: "NVIDIA's driver is not installed (libcuda.so.1 is missing)",
    remedy: 'Install the driver of the GPU; in a container, start it with the GPU passed through.',
  },
  {
    kind: 'driverTooOld',
    pattern: /CUDA failure (?:35|803|804)\b|CUDA driver version is insufficient|unsupported display driver/,
    text: "NVIDIA's driver is too old for this CUDA",
    remedy: 'Update the driver of the GPU and restart the machine.',
  },
  {
    kind: 'noGpu',
    pattern: /CUDA failure (?:100|101)\b|no CUDA-capable device|invalid device ordinal/,
    text: 'CUDA sees no GPU',
    remedy: 'Check that nvidia-smi lists one and that CUDA_VISIBLE_DEVICES does not hide it.',
  },
  {
    kind: 'outOfMemory',
    pattern: oneOf(
      /CUDA failure 2\b|out of memory|Failed to allocate memory for requested buffer/,
      /(?:CUBLAS|CUDNN)_STATUS_\w*ALLOC\w*FAILED/,
    ),
    text: 'the GPU has too little free memory',
    remedy: 'Close what else uses the GPU; nvidia-smi lists it.',
  },
  {
    kind: 'gpuUnsupported',
    pattern: /CUDA failure 209\b|no kernel image is available|(?:CUBLAS|CUDNN)_STATUS_\w*ARCH_MISMATCH/,
    text: 'this GPU is too old or too new for this build of onnxruntime',
    remedy: 'Set nferd.executionProvider to "cpu".',
  },
  {
    kind: 'cudnnMissing',
    pattern: oneOf(
      /(?<library>libcudnn\w*\.so[.\d]*): cannot open|cuDNN library was not found/,
      /(?:Unable to load any of|Could not (?:load|locate)) .*?(?<file>(?:lib)?cudnn\w*[.\w]*)/,
    ),
    text: 'cuDNN 9 is missing',
    remedy: point,
  },
  {
    kind: 'gpuFailed',
    pattern: /(?<detail>CUDNN failure \d+: CUDNN_STATUS_\w+|Failed to initialize CUDNN Frontend)/,
    text: 'cuDNN could not start ({detail})',
    remedy: 'Its version may not fit the driver or the CUDA libraries: update the driver, or reinstall cuDNN 9.',
  },
  {
    kind: 'libraryMissing',
    pattern: new RegExp(String.raw`(?<library>[\w.+-]+\.so[.\d]*): ${missing}`),
    text: '{library} is missing',
    remedy: point,
  },
  {
    kind: 'libraryMissing',
    pattern: /LoadLibrary failed with error 126\b.*?(?<library>[\w.]+\.dll)/,
    text: '{library} or a library that it needs is missing',
    remedy: point,
  },
  {
    kind: 'libraryBroken',
    pattern: new RegExp(String.raw`(?<library>[\w.+-]+\.so[.\d]*): (?<detail>${broken.source})`),
    text: '{library} is damaged or of another version ({detail})',
    remedy: `Remove it ("nferd doctor --remove-cuda") and install again.`,
  },
  {
    kind: 'gpuFailed',
    pattern: /(?<detail>CUDA failure \d+: [^;\n]+?) *(?:;|$)/m,
    text: 'the GPU or its driver failed ({detail})',
    remedy: 'Restart the editor; if it comes back, restart the machine.',
  },
  {
    kind: 'gpuFailed',
    pattern: /(?<detail>(?:CUBLAS|CUFFT|CURAND) failure \d+: \w+)/,
    text: 'a CUDA library failed ({detail})',
    remedy: 'Update the driver, or reinstall the CUDA libraries.',
  },
  {
    kind: 'unsupportedPlatform',
    pattern: /no available backend|executionProviders\[\d+\]|backend not found/i,
    text: 'this build of onnxruntime has no CUDA',
    remedy: 'CUDA needs Linux on x64; on Windows use DirectML.',
  },
];

/**
 * @param message what was thrown or printed, several lines and several causes in one text included
 */
export function cudaReason(message: string): CudaReason {
  for (const { kind, pattern, text, remedy } of rows) {
    const match = pattern.exec(message);
    if (!match) continue;
    const { library, detail } = match.groups ?? {};
    const filled = text.replace('{library}', library ?? '').replace('{detail}', detail ?? '');
    return { kind, text: filled, remedy, ...(library && { library }) };
  }
  const [line = ''] = message.trim().split('\n');
  return { kind: 'unknown', text: line.slice(0, 300), remedy: 'Set nferd.executionProvider to "cpu".' };
}

/** A reason that no library tells, by name. */
export const knownReason = {
  noGpu: {
    kind: 'noGpu',
    text: 'there is no NVIDIA GPU, or no driver for it',
    remedy: 'The processor does the work; nothing is to be done.',
  },
  unsupportedPlatform: {
    kind: 'unsupportedPlatform',
    text: 'this build of onnxruntime has CUDA on Linux x64 only',
    remedy: 'On Windows, DirectML uses the GPU.',
  },
  notInstalled: {
    kind: 'notInstalled',
    text: "onnxruntime's CUDA libraries are not installed",
    remedy: install,
  },
} as const satisfies Record<string, CudaReason>;

export const isOutOfMemory = (error: unknown): boolean =>
  cudaReason(error instanceof Error ? error.message : String(error)).kind === 'outOfMemory';

export const reasonLine = ({ text, remedy }: CudaReason): string => `${text}. ${remedy}`;
